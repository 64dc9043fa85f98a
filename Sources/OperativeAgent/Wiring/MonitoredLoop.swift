/// A loop without which the agent is of no use.
struct MonitoredLoop: Sendable {
    /// Its name in messages.
    let name: String
    /// Returns when the loop has come round once more; does not, while it is stuck.
    let takeTurn: @Sendable () async -> Void
}
