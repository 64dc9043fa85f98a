/// Where the ends of operations go.
package protocol TaskSink: Sendable {
    /// Sends an answer and waits until the broker has taken responsibility for it, for as long as that takes.
    func reply(_ reply: OutgoingReply) async -> SettlementResult

    /// Puts an attempt aside in the broker, which hands it back when `attempt.delay` has passed, and waits until the broker has taken responsibility for it.
    func park(_ attempt: ParkedAttempt) async -> SettlementResult

    /// False when the broker lets this agent keep no delayed messages: retries are then answered to the manager instead.
    var canPark: Bool { get }

    /// Stops waiting for the broker: every call that is under way, and every later one, returns `stopped`.
    func abandon()
}
