public import Logging

/// Writes log records for machines, one JSON object on one line each, with the keys `time`, `level`, `logger`,
/// `message` and, when there is any, `metadata`.
public struct JSONLogHandler: LogHandler {
    /// The least severe records written.
    public var logLevel: Logger.Level
    /// Metadata of every record.
    public var metadata: Logger.Metadata = [:]
    /// Asked for further metadata with every record.
    public var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let output: LogOutput

    /// A handler for one logger.
    ///
    /// - Parameters:
    ///   - label: The logger's label.
    ///   - level: The least severe records to write.
    ///   - output: Where the lines go.
    ///   - metadataProvider: Asked for further metadata with every record.
    public init(
        label: String,
        level: Logger.Level = .info,
        output: LogOutput = .standardError,
        metadataProvider: Logger.MetadataProvider? = nil
    ) {
        self.label = label
        self.logLevel = level
        self.output = output
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
        output.write(Self.line(for: record))
    }

    static func line(for record: LogRecord) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(512)
        line.append(contentsOf: #"{"time":""#.utf8)
        LogTimestamp.append(record.milliseconds, to: &line)
        line.append(contentsOf: #"","level":""#.utf8)
        line.append(contentsOf: record.event.level.rawValue.utf8)
        line.append(contentsOf: #"","logger":"#.utf8)
        LogText.appendJSON(record.label, to: &line)
        line.append(contentsOf: #","message":"#.utf8)
        LogText.appendJSON(record.event.message.description, to: &line)
        if !record.metadata.isEmpty {
            line.append(contentsOf: #","metadata":"#.utf8)
            append(record.metadata, to: &line)
        }
        line.append(contentsOf: "}\n".utf8)
        return line
    }

    private static func append(_ members: [(key: String, value: Logger.MetadataValue)], to line: inout [UInt8]) {
        line.append(UInt8(ascii: "{"))
        for (index, member) in members.enumerated() {
            if index > 0 { line.append(UInt8(ascii: ",")) }
            LogText.appendJSON(member.key, to: &line)
            line.append(UInt8(ascii: ":"))
            append(member.value, to: &line)
        }
        line.append(UInt8(ascii: "}"))
    }

    private static func append(_ value: Logger.MetadataValue, to line: inout [UInt8]) {
        switch value {
        case .string(let text):
            LogText.appendJSON(text, to: &line)
        case .stringConvertible(let convertible):
            appendConvertible(convertible, to: &line)
        case .dictionary(let dictionary):
            append(dictionary.sorted { $0.key < $1.key }, to: &line)
        case .array(let elements):
            line.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { line.append(UInt8(ascii: ",")) }
                append(element, to: &line)
            }
            line.append(UInt8(ascii: "]"))
        }
    }

    /// Whole numbers and truth values keep their type; everything else is text, because JSON has no infinity.
    private static func appendConvertible(_ value: any CustomStringConvertible, to line: inout [UInt8]) {
        switch value {
        case let number as any BinaryInteger: line.append(contentsOf: number.description.utf8)
        case let truth as Bool: line.append(contentsOf: (truth ? "true" : "false").utf8)
        default: LogText.appendJSON(value.description, to: &line)
        }
    }
}
