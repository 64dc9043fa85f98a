/// Takes log records and events on their way to the manager.
package protocol TelemetrySink: Sendable {
    /// Takes one record and returns at once. `completion` is called once, from any thread, with what became of it.
    ///
    /// Records handed over one after the other arrive in that order.
    func send(_ record: TelemetryRecord, completion: @escaping @Sendable (TelemetryDelivery) -> Void)

    /// Bytes that wait in memory.
    var pendingBytes: Int { get }

    /// Calls `action` once, from any thread, when everything stored up to and including this place has arrived.
    ///
    /// - Returns: what ``forget(_:)`` takes.
    func onceOut(_ place: Int64, _ action: @escaping @Sendable () -> Void) -> Int

    /// Takes an action back that has not been called yet.
    func forget(_ token: Int)
}

/// For sinks that store nothing.
extension TelemetrySink {
    package func onceOut(_ place: Int64, _ action: @escaping @Sendable () -> Void) -> Int {
        action()
        return 0
    }

    package func forget(_ token: Int) {}
}
