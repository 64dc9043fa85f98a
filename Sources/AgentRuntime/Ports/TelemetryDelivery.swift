/// What became of a log record or an event.
package enum TelemetryDelivery: Sendable, Hashable {
    /// The broker or the manager has it.
    case arrived
    /// It is on disk and will be sent from there; see ``TelemetrySink/onceOut(_:of:_:)`` for its place.
    case stored(at: Int64)
    /// It did not arrive and may be sent again.
    case undelivered
    /// It will never be taken, with the reason: sending it again is of no use.
    case refused(String)
    /// Whoever it is for takes nothing more of its destination, with the reason: it is lost, and saying so there is of no use either.
    case unwanted(String)
}
