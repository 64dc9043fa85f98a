import Logging
import Synchronization

/// What the agent wrote into its log, for tests that count lines.
final class RecordedLog: Sendable {
    private let entries = Mutex<[(level: Logger.Level, text: String)]>([])

    var logger: Logger { Logger(label: "test") { _ in Handler(log: self) } }

    /// The lines that an operator sees with the default level.
    var lines: [String] { entries.withLock { $0.filter { $0.level >= .info }.map(\.text) } }
    var warnings: [String] { entries.withLock { $0.filter { $0.level >= .warning }.map(\.text) } }

    private func add(_ level: Logger.Level, _ text: String) { entries.withLock { $0.append((level, text)) } }

    private struct Handler: LogHandler {
        let log: RecordedLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        init(log: RecordedLog) { self.log = log }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { log.add(event.level, "\(event.message)") }
    }
}
