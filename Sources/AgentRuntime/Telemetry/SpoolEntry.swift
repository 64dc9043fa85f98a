/// A record in the spool's memory.
struct SpoolEntry: Sendable {
    enum State: Sendable {
        /// Not handed to the inner sink yet.
        case waiting
        /// Handed to the inner sink, which has not said what became of it.
        case sent
        /// The inner sink could not deliver it.
        case failed
        case settled
    }

    let place: Int64
    var record: TelemetryRecord
    /// Called once; nil when it has been.
    var completion: (@Sendable (TelemetryDelivery) -> Void)?
    var isStored = false
    var state = State.waiting

    /// What it counts in memory: its body and a guess of everything around it.
    var cost: Int { record.body.count + 256 }
}
