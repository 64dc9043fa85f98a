internal import Glibc
public import Logging

/// Writes log records as a Cloudify agent does, to its log file and to an output beside it:
/// ` 2026-11-21 00:01:13,213 - operative - INFO - message key=value`, in local time.
public struct CloudifyLogHandler: LogHandler {
    /// The least severe records written.
    public var logLevel: Logger.Level
    /// Metadata of every record.
    public var metadata: Logger.Metadata = [:]
    /// Asked for further metadata with every record.
    public var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let output: LogOutput
    private let file: RotatingLogFile?

    /// A handler for one logger.
    ///
    /// - Parameters:
    ///   - label: The logger's label.
    ///   - level: The least severe records to write.
    ///   - output: Where the lines go.
    ///   - file: Where they go as well; nil for nowhere.
    public init(label: String, level: Logger.Level, output: LogOutput, file: RotatingLogFile?) {
        self.label = label
        self.logLevel = level
        self.output = output
        self.file = file
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
        let line = Self.line(for: record)
        output.write(line)
        file?.write(line)
    }

    static func line(for record: LogRecord) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(256)
        line.append(UInt8(ascii: " "))
        appendLocalTime(record.milliseconds, to: &line)
        line.append(contentsOf: " - ".utf8)
        LogText.appendPlain(record.label, to: &line)
        line.append(contentsOf: " - \(levelName(record.event.level)) - ".utf8)
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

    /// The levels of Python's logging.
    private static func levelName(_ level: Logger.Level) -> String {
        switch level {
        case .trace, .debug: "DEBUG"
        case .info, .notice: "INFO"
        case .warning: "WARNING"
        case .error: "ERROR"
        case .critical: "CRITICAL"
        }
    }

    /// Appends `2026-11-21 00:01:13,213`, as Python writes the local time by default.
    static func appendLocalTime(_ milliseconds: Int64, to line: inout [UInt8]) {
        var text: [UInt8] = []
        LogTimestamp.append(milliseconds + offset(at: milliseconds) * 1000, to: &text)
        for byte in text.dropLast() {
            switch byte {
            case UInt8(ascii: "T"): line.append(UInt8(ascii: " "))
            case UInt8(ascii: "."): line.append(UInt8(ascii: ","))
            default: line.append(byte)
            }
        }
    }

    /// How many seconds the clocks here are before UTC.
    private static func offset(at milliseconds: Int64) -> Int64 {
        var seconds = time_t(milliseconds / 1000)
        var parts = unsafe tm()
        unsafe localtime_r(&seconds, &parts)
        return unsafe Int64(parts.tm_gmtoff)
    }
}
