public import Logging

/// Writes log records for people, one line each:
/// `2026-11-21T00:01:13.213Z info operative.runtime: message key=value other="two words"`.
public struct TextLogHandler: LogHandler {
    /// The least severe records written.
    public var logLevel: Logger.Level
    /// Metadata of every record.
    public var metadata: Logger.Metadata = [:]
    /// Asked for further metadata with every record.
    public var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let output: LogOutput
    private let showsPriority: Bool

    /// A handler for one logger.
    ///
    /// - Parameters:
    ///   - label: The logger's label, shown before the message.
    ///   - level: The least severe records to write.
    ///   - output: Where the lines go.
    ///   - showsPriority: Whether each line begins with its severity as `<6>`, which journald understands and removes;
    ///     see ``JournalStream``.
    ///   - metadataProvider: Asked for further metadata with every record.
    public init(
        label: String,
        level: Logger.Level = .info,
        output: LogOutput = .standardError,
        showsPriority: Bool = false,
        metadataProvider: Logger.MetadataProvider? = nil
    ) {
        self.label = label
        self.logLevel = level
        self.output = output
        self.showsPriority = showsPriority
        self.metadataProvider = metadataProvider
    }

    /// Reads or changes one piece of metadata.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes a record.
    public func log(event: LogEvent) {
        let record = LogRecord(
            event, label: label, base: metadata, provider: metadataProvider, now: LogTimestamp.now())
        output.write(Self.line(for: record, showsPriority: showsPriority))
    }

    static func line(for record: LogRecord, showsPriority: Bool) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(256)
        if showsPriority {
            line.append(contentsOf: "<\(priority(of: record.event.level))>".utf8)
        }
        LogTimestamp.append(record.milliseconds, to: &line)
        line.append(UInt8(ascii: " "))
        line.append(contentsOf: record.event.level.rawValue.utf8)
        line.append(UInt8(ascii: " "))
        LogText.appendPlain(record.label, to: &line)
        line.append(contentsOf: ": ".utf8)
        LogText.appendPlain(record.event.message.description, to: &line)
        for (key, value) in record.metadata {
            line.append(UInt8(ascii: " "))
            LogText.appendWord(key, to: &line)
            line.append(UInt8(ascii: "="))
            LogText.appendWord(value.description, to: &line)
        }
        line.append(UInt8(ascii: "\n"))
        return line
    }

    /// The severities of syslog(3).
    private static func priority(of level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
