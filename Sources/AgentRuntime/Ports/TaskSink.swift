/// Where the ends of operations go.
package protocol TaskSink: Sendable {
    /// Sends an answer and waits until the broker has taken responsibility for it, for as long as that takes.
    func reply(_ reply: OutgoingReply) async -> SettlementResult

    /// Sends an answer that nobody waits for longer than `usefulness`, and returns when it has arrived or was dropped. It is dropped when it cannot be sent in time, when the broker has no queue for it, and when the agent stops.
    func answer(_ reply: OutgoingReply, usefulFor usefulness: Duration) async

    /// Puts an attempt aside in the broker, which hands it back when `attempt.delay` has passed, and waits until the broker has taken responsibility for it.
    func park(_ attempt: ParkedAttempt) async -> SettlementResult

    /// False when the broker lets this agent keep no delayed messages: retries are then answered to the manager instead.
    var canPark: Bool { get }

    /// Stops waiting for the broker: every call that is under way, and every later one, returns `stopped`.
    func abandon()
}
