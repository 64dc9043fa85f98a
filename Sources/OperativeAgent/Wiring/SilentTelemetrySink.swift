internal import AgentRuntime

/// Takes log records and events and sends them nowhere (`telemetry.mode: none`).
struct SilentTelemetrySink: TelemetrySink {
    var pendingBytes: Int { 0 }

    func send(_ record: TelemetryRecord, completion: @escaping @Sendable (TelemetryDelivery) -> Void) {
        completion(.arrived)
    }
}
