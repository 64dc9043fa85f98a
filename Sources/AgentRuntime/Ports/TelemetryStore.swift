/// The disk underneath the telemetry spool. Called by one thread at a time, which it may block.
///
/// Any call may fail, for a full disk for instance, and be made again later.
package protocol TelemetryStore: Sendable {
    /// What an earlier process has left.
    func inventory() throws -> TelemetryInventory

    /// Makes a change: whole, or not at all when it throws.
    func commit(_ change: TelemetryChange) throws -> TelemetryChange.Effect

    /// The oldest records of a destination behind a place, up to so many bytes of bodies but at least one if there is one.
    func read(after place: Int64, of destination: TelemetryDestination?, bytes: Int) throws -> [StoredTelemetry]
}
