/// What became of a reply or of a parked attempt.
package enum SettlementResult: Sendable, Hashable {
    /// The broker confirmed it.
    case confirmed
    /// The broker has no queue for it.
    case unroutable
    /// The broker will never take this message: it is too large, or its address is none.
    case refused
    /// The agent stopped before the broker answered; whether the message arrived is not known.
    case stopped
}
