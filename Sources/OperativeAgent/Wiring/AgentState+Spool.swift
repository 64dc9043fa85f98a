internal import AgentConfiguration
internal import AgentExecutors
internal import AgentRuntime
internal import Logging

extension AgentState {
    /// The telemetry spool in the state directory; nil when log records and events are sent nowhere.
    static func spool(
        _ configuration: AgentConfiguration, over sink: (any TelemetrySink)?, timers: TimerThread, logger: Logger
    ) -> SpoolingTelemetrySink? {
        guard let sink else { return nil }
        // What is posted gathers for each execution, and the manager's pace sets how much: little of it is enough.
        let room = min(configuration.telemetry.bufferBytes, sink.needsDestinations ? 1 << 20 : .max)
        return SpoolingTelemetrySink(
            inner: sink,
            store: SpoolTelemetryStore(path: "\(configuration.stateDirectory)/telemetry.db", logger: logger),
            room: room, maximumBytes: configuration.telemetry.spoolMaxBytes,
            timers: timers, logger: logger)
    }
}
