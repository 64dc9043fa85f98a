import Synchronization

/// Counts side effects.
final class Counter: Sendable {
    private let count = Atomic<Int>(0)
    var value: Int { count.load(ordering: .sequentiallyConsistent) }
    @discardableResult func add() -> Int { count.add(1, ordering: .sequentiallyConsistent).newValue }
}
