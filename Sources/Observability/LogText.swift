/// Writes text from anywhere so that it stays on its line and cannot steer a terminal.
enum LogText {
    /// Appends a text with control characters and line separators as `\n`, `\u{1b}` and so on.
    static func appendPlain(_ text: String, to line: inout [UInt8]) {
        guard needsEscapes(text, quotes: false) else { return line.append(contentsOf: text.utf8) }
        for scalar in text.unicodeScalars {
            if isControl(scalar) {
                line.append(contentsOf: scalar.escaped(asASCII: true).utf8)
            } else {
                line.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
            }
        }
    }

    /// Appends a text bare when it is one word, else in quotes.
    static func appendWord(_ text: String, to line: inout [UInt8]) {
        let isWord = !text.isEmpty && !text.utf8.contains { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "=") }
        if isWord, !needsEscapes(text, quotes: true) {
            line.append(contentsOf: text.utf8)
        } else {
            appendJSON(text, to: &line)
        }
    }

    /// Appends a JSON string.
    static func appendJSON(_ text: String, to line: inout [UInt8]) {
        line.append(UInt8(ascii: "\""))
        defer { line.append(UInt8(ascii: "\"")) }
        guard needsEscapes(text, quotes: true) else { return line.append(contentsOf: text.utf8) }
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": line.append(contentsOf: #"\""#.utf8)
            case "\\": line.append(contentsOf: #"\\"#.utf8)
            case "\n": line.append(contentsOf: #"\n"#.utf8)
            case "\r": line.append(contentsOf: #"\r"#.utf8)
            case "\t": line.append(contentsOf: #"\t"#.utf8)
            case _ where isControl(scalar): appendHexEscape(scalar, to: &line)
            default: line.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
            }
        }
    }

    /// All control characters and line separators lie in the basic plane, so that four digits are enough.
    private static func appendHexEscape(_ scalar: Unicode.Scalar, to line: inout [UInt8]) {
        let digits = String(scalar.value, radix: 16)
        line.append(contentsOf: #"\u"#.utf8)
        line.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: max(0, 4 - digits.utf8.count)))
        line.append(contentsOf: digits.utf8)
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar.value == 0x2028 || scalar.value == 0x2029
    }

    /// Quick test on bytes. 0xC2 begins the second block of control characters and 0xE2 the line separators, among
    /// harmless ones; those take the slow path and come out unchanged.
    private static func needsEscapes(_ text: String, quotes: Bool) -> Bool {
        text.utf8.contains { byte in
            byte < 0x20 || byte == 0x7F || byte == 0xC2 || byte == 0xE2
                || (quotes && (byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")))
        }
    }
}
