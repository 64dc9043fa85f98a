/// When attempts that should have come back are sent again.
///
/// Most that are late wait in the agent's own queue, behind others: a copy of each would only make that longer. Once the queue
/// has been empty, whatever is still late is lost. A queue that is never empty holds this off for a while, not for ever.
struct OverdueHoldOff: Sendable {
    /// How many rounds a queue with messages in it is waited for.
    static let limit = 60

    private var rounds = 0

    /// - Parameter isDrained: the broker has nothing more to hand out.
    /// - Returns: whether attempts may be sent again in this round.
    mutating func allowsRound(isDrained: Bool) -> Bool {
        rounds += 1
        guard isDrained || rounds > Self.limit else { return false }
        rounds = 0
        return true
    }
}
