/// Takes log records and events on their way to the manager.
package protocol TelemetrySink: Sendable {
    /// Whether records need their destination: finding it out costs reading the task's whole context.
    var needsDestinations: Bool { get }

    /// Takes one record and returns at once. `completion` is called once, from any thread, with what became of it.
    ///
    /// Records of one destination that are handed over one after the other arrive in that order.
    func send(_ record: TelemetryRecord, completion: @escaping @Sendable (TelemetryDelivery) -> Void)

    /// Bytes that wait in memory.
    var pendingBytes: Int { get }

    /// Bytes that wait in memory and hold up a further record of this destination.
    func pendingBytes(for destination: TelemetryDestination?) -> Int

    /// Calls `action` once, from any thread, when everything of a destination that is stored up to and including this place has arrived.
    ///
    /// - Returns: what ``forget(_:of:)`` takes.
    func onceOut(
        _ place: Int64, of destination: TelemetryDestination?, _ action: @escaping @Sendable () -> Void
    ) -> Int

    /// Takes an action back that has not been called yet.
    func forget(_ token: Int, of destination: TelemetryDestination?)

    /// Says that a destination can be reached now, so that nobody need wait before trying it again.
    func hurry(_ destination: TelemetryDestination?)
}

/// For sinks that send everything one way.
extension TelemetrySink {
    package var needsDestinations: Bool { false }

    package func pendingBytes(for destination: TelemetryDestination?) -> Int { pendingBytes }
}

/// For sinks that store nothing.
extension TelemetrySink {
    package func onceOut(
        _ place: Int64, of destination: TelemetryDestination?, _ action: @escaping @Sendable () -> Void
    ) -> Int {
        action()
        return 0
    }

    package func forget(_ token: Int, of destination: TelemetryDestination?) {}

    package func hurry(_ destination: TelemetryDestination?) {}
}
