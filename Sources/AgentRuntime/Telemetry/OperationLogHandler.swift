internal import Logging

/// `ctx.logger`: every record goes to the manager, in the order in which it was written.
struct OperationLogHandler: LogHandler {
    let telemetry: OperationTelemetry
    var metadata: Logger.Metadata = [:]
    /// Everything but trace: the Cloudify agent sends debug records too and leaves the choice to whoever reads them.
    var logLevel = Logger.Level.debug

    init(telemetry: OperationTelemetry) { self.telemetry = telemetry }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        telemetry.log(level: event.level, text: text(of: event))
    }

    private func text(of event: LogEvent) -> String {
        let all = event.metadata.map { metadata.merging($0) { $1 } } ?? metadata
        guard !all.isEmpty else { return event.message.description }
        let pairs = all.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return "\(event.message) \(pairs.joined(separator: " "))"
    }
}
