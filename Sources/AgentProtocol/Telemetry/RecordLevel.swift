/// The level of a log record on the wire.
public enum RecordLevel: String, Sendable, Hashable, CaseIterable {
    /// The levels, from the least to the most important.
    case debug, info, warning, error, critical

    /// The level for a level of the logging API, by its name: what the wire does not know becomes the nearest that it knows.
    public init(loggerLevel name: String) {
        switch name {
        case "trace": self = .debug
        case "notice": self = .info
        default: self = RecordLevel(rawValue: name) ?? .info
        }
    }
}
