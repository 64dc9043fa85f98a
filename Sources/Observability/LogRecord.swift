import Logging

/// A log event with all the metadata that applies to it.
struct LogRecord {
    let event: LogEvent
    let label: String
    let metadata: [(key: String, value: Logger.MetadataValue)]
    let milliseconds: Int64

    /// Puts the metadata together: of the handler, then of the provider, then of the event; the later one wins.
    init(_ event: LogEvent, label: String, base: Logger.Metadata, provider: Logger.MetadataProvider?, now: Int64) {
        var metadata = base
        if let provided = provider?.get() {
            metadata.merge(provided) { _, new in new }
        }
        if let own = event.metadata {
            metadata.merge(own) { _, new in new }
        }
        if let error = event.error {
            metadata["error.message"] = "\(error)"
            metadata["error.type"] = "\(type(of: error))"
        }
        self.event = event
        self.label = label
        self.metadata = metadata.sorted { $0.key < $1.key }
        self.milliseconds = now
    }
}
