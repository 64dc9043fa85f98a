package import AMQPClient

/// Whether a running agent still has its operation queue for itself, by what happens to its consuming connection.
///
/// After a reconnect, or while intake was paused, somebody else may have taken the queue. It is asked for again by itself; this
/// says for how long that makes sense: two heartbeats, as at the start.
package struct QueueOwnership: Sendable {
    package enum Change: Sendable, Hashable {
        /// Somebody else has the queue. It is asked for again until the limit has passed.
        case refused(limit: Duration)
        /// The agent has it again.
        case regained
        /// It was refused for so long that whoever has it means to keep it.
        case lost(AMQPError)
    }

    private let queue: String
    private let patience: Duration
    private var claim: QueueClaim?

    /// - Parameters:
    ///   - queue: the operation queue.
    ///   - patience: two heartbeats.
    init(queue: String, patience: Duration) {
        self.queue = queue
        self.patience = patience
    }

    /// Notes an event of the consuming connection.
    mutating func note(_ event: AMQPConnectionEvent, at now: ContinuousClock.Instant) -> Change? {
        switch event {
        case .channelClosed(let error) where error.meansExclusiveUse:
            var claim = claim ?? QueueClaim(patience: patience)
            let pause = claim.refused(at: now)
            self.claim = claim
            if pause == nil { return .lost(error) }
            return claim.refusals == 1 ? .refused(limit: patience) : nil
        case .consuming(queue):
            defer { claim = nil }
            return claim == nil ? nil : .regained
        case .lost:
            // The next refusal may mean this agent's own connection, which the broker does not know to be dead yet.
            claim = nil
            return nil
        default:
            return nil
        }
    }
}
