internal import Synchronization

/// What the writing thread has found out for somebody who waits elsewhere.
final class JournalAnswer<Value: Sendable>: Sendable {
    private let stored = Mutex<Value?>(nil)

    var value: Value? { stored.withLock { $0 } }

    func set(_ value: Value) { stored.withLock { $0 = value } }
}
