/// Texts, changed the way Python changes them.
enum Texts {
    static func change(_ text: String, _ how: String) throws -> String {
        switch how {
        case "upper": text.uppercased()
        case "lower": text.lowercased()
        case "capitalize": text.prefix(1).uppercased() + text.dropFirst().lowercased()
        case "title": title(text)
        case "strip", "trim": trimmed(text, start: true, end: true)
        case "lstrip": trimmed(text, start: true, end: false)
        case "rstrip": trimmed(text, start: false, end: true)
        default: throw TemplateFault("texts have no method '\(how)'")
        }
    }

    /// - Parameter separator: nil for any run of white space.
    static func split(_ text: String, _ separator: String?) throws -> [String] {
        guard let separator else { return text.split(whereSeparator: \.isWhitespace).map(String.init) }
        guard !separator.isEmpty else { throw TemplateFault("the separator is empty") }
        return text.split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    }

    static func replace(_ text: String, _ old: String, _ new: String) throws -> String {
        guard !old.isEmpty else { throw TemplateFault("what is to be replaced is empty") }
        // What comes out is counted by the caller; before that it must fit into memory.
        let (size, overflow) = (text.utf8.count / old.utf8.count).multipliedReportingOverflow(by: new.utf8.count)
        guard !overflow, size < 256 << 20 else { throw TemplateFault("it makes too many or too large values") }
        return text.replacing(old, with: new)
    }

    static func indent(_ text: String, width: Int, first: Bool, blank: Bool) throws -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard (0...1000).contains(width), lines.count * width < 64 << 20 else {
            throw TemplateFault("'indent' takes 0 to 1000 columns")
        }
        let margin = String(repeating: " ", count: width)
        return lines.enumerated().map { index, line in
            let isIndented = index == 0 ? first : (blank || !line.isEmpty)
            return isIndented ? margin + line : String(line)
        }.joined(separator: "\n")
    }

    private static func title(_ text: String) -> String {
        var result = ""
        var isInWord = false
        for character in text {
            result += isInWord ? character.lowercased() : character.uppercased()
            isInWord = !(character.isWhitespace || "-([{<".contains(character))
        }
        return result
    }

    private static func trimmed(_ text: String, start: Bool, end: Bool) -> String {
        var part = text[...]
        if start { part = part.drop(while: \.isWhitespace) }
        if end { while part.last?.isWhitespace == true { part.removeLast() } }
        return String(part)
    }
}
