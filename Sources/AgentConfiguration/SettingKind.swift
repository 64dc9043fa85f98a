/// The kind of value a ``Setting`` takes, with its limits.
public enum SettingKind: Sendable, Hashable {
    /// Any text on one line.
    case text
    /// The path of a file.
    case path
    /// A YAML list, or one text with commas.
    case list
    /// `true` or `false`.
    case boolean
    /// A whole number.
    case integer(ClosedRange<Int>)
    /// A length of time, see ``DurationText``.
    case duration(ClosedRange<Duration>)
    /// A number of bytes, see ``SizeText``.
    case size(ClosedRange<Int>)
    /// One of a few words.
    case choice([String])

    /// What a user may write, as a phrase that follows "write".
    public var expectation: String {
        switch self {
        case .text: "a text on one line"
        case .path: "the path of a file"
        case .list: "a list, or one text with commas"
        case .boolean: "true or false"
        case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .duration(let range):
            "a duration such as 500ms, 30s, 10m, 2h or 30d, from \(DurationText.format(range.lowerBound))"
                + " to \(DurationText.format(range.upperBound))"
        case .size(let range):
            "a size such as 512KiB or 16MiB, from \(SizeText.format(range.lowerBound))"
                + " to \(SizeText.format(range.upperBound))"
        case .choice(let words): words.joined(separator: " or ")
        }
    }

    /// A short name for the help text.
    public var placeholder: String {
        switch self {
        case .text: "text"
        case .path: "path"
        case .list: "list"
        case .boolean: "true|false"
        case .integer: "number"
        case .duration: "duration"
        case .size: "size"
        case .choice(let words): words.joined(separator: "|")
        }
    }
}
