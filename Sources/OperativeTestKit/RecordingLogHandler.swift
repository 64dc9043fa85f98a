import Logging

/// Hands every line to a closure. Levels are not filtered: the manager receives all of them.
struct RecordingLogHandler: LogHandler {
    var logLevel = Logger.Level.trace
    var metadata: Logger.Metadata = [:]
    let record: @Sendable (RecordedLog) -> Void

    init(record: @escaping @Sendable (RecordedLog) -> Void) { self.record = record }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { _, own in own }
        record(RecordedLog(level: event.level, message: "\(event.message)", metadata: all))
    }
}
