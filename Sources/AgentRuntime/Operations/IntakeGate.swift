internal import Synchronization

/// Whether tasks are taken in: only while nobody has a reason against it.
final class IntakeGate: Sendable {
    enum Reason: Sendable, Hashable {
        /// As many tasks wait as the journal may hold.
        case noRoom
        /// The journal cannot be written.
        case noStorage
    }

    /// Says that the reasons have changed.
    let changes: AsyncStream<Void>
    private let change: AsyncStream<Void>.Continuation
    private let source: any TaskSource
    private let reasons = Mutex<Set<Reason>>([])

    init(source: any TaskSource) {
        self.source = source
        (changes, change) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Whether nothing is taken in for this reason.
    func isClosed(_ reason: Reason) -> Bool { reasons.withLock { $0.contains(reason) } }

    /// Takes nothing in until `open`. Returns when nothing more comes.
    func close(_ reason: Reason) async {
        let isFirst = reasons.withLock { reasons in
            defer { reasons.insert(reason) }
            return reasons.isEmpty
        }
        change.yield()
        if isFirst { await source.pause() }
    }

    func open(_ reason: Reason) {
        let isLast = reasons.withLock { reasons in reasons.remove(reason) != nil && reasons.isEmpty }
        if isLast { source.resume() }
        change.yield()
    }
}
