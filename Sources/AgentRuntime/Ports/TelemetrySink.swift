/// Takes log records and events on their way to the manager.
package protocol TelemetrySink: Sendable {
    /// Takes one record and returns at once. `completion` is called once, from any thread: true when the broker or the manager has the record.
    ///
    /// Records handed over one after the other arrive in that order.
    func send(_ record: TelemetryRecord, completion: @escaping @Sendable (Bool) -> Void)

    /// Bytes handed over and not yet confirmed.
    var pendingBytes: Int { get }
}
