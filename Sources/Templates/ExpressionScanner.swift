/// Cuts an expression into words and signs.
struct ExpressionScanner {
    private static let maximumLength = 2000
    private static let signs = [
        "**", "//", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "<", ">", "=", ".", ",", ":", "|", "(", ")",
        "[",
        "]", "{", "}",
    ].map { (text: $0, bytes: Array($0.utf8)) }

    static func scan(_ bytes: ArraySlice<UInt8>, line: Int) throws -> [Lexeme] {
        var lexemes: [Lexeme] = []
        var index = bytes.startIndex
        while index < bytes.endIndex {
            // A chain becomes a tree as deep as it is long, which takes as much of the stack.
            guard lexemes.count < maximumLength else { throw TemplateFault("a tag is too long", line: line) }
            let byte = bytes[index]
            if byte == 0x20 || (0x09...0x0D).contains(byte) {
                index += 1
            } else if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
                lexemes.append(.string(try string(bytes, &index, line)))
            } else if isDigit(byte) {
                lexemes.append(try number(bytes, &index, line))
            } else if isNameByte(byte) {
                let end = bytes[index...].firstIndex { !isNameByte($0) && !isDigit($0) } ?? bytes.endIndex
                lexemes.append(.name(String(decoding: bytes[index..<end], as: UTF8.self)))
                index = end
            } else if let sign = signs.first(where: { bytes[index...].starts(with: $0.bytes) }) {
                lexemes.append(.sign(sign.text))
                index += sign.bytes.count
            } else {
                throw TemplateFault("'\(Character(UnicodeScalar(byte)))' is not expected here", line: line)
            }
        }
        return lexemes
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isNameByte(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte >= 0x80
    }

    private static func number(_ bytes: ArraySlice<UInt8>, _ index: inout Int, _ line: Int) throws -> Lexeme {
        var end = bytes[index...].firstIndex { !isDigit($0) && $0 != UInt8(ascii: "_") } ?? bytes.endIndex
        var isWhole = true
        if end + 1 < bytes.endIndex, bytes[end] == UInt8(ascii: "."), isDigit(bytes[end + 1]) {
            isWhole = false
            end = bytes[(end + 1)...].firstIndex { !isDigit($0) } ?? bytes.endIndex
        }
        if end < bytes.endIndex, bytes[end] | 0x20 == UInt8(ascii: "e") {
            let hasSign = end + 1 < bytes.endIndex && [UInt8(ascii: "+"), UInt8(ascii: "-")].contains(bytes[end + 1])
            let digits = end + (hasSign ? 2 : 1)
            if digits < bytes.endIndex, isDigit(bytes[digits]) {
                isWhole = false
                end = bytes[digits...].firstIndex { !isDigit($0) } ?? bytes.endIndex
            }
        }
        let text = String(decoding: bytes[index..<end].filter { $0 != UInt8(ascii: "_") }, as: UTF8.self)
        index = end
        if isWhole, let number = Int(text) { return .integer(number) }
        if let number = Double(text) { return .double(number) }
        throw TemplateFault("'\(text.prefix(40))' is no number", line: line)
    }

    private static func string(_ bytes: ArraySlice<UInt8>, _ index: inout Int, _ line: Int) throws -> String {
        let quote = bytes[index]
        var text: [UInt8] = []
        index += 1
        while index < bytes.endIndex {
            let byte = bytes[index]
            index += 1
            if byte == quote { return String(decoding: text, as: UTF8.self) }
            guard byte == UInt8(ascii: "\\"), index < bytes.endIndex else {
                text.append(byte)
                continue
            }
            let escaped = bytes[index]
            index += 1
            switch escaped {
            case UInt8(ascii: "n"): text.append(0x0A)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "r"): text.append(0x0D)
            case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): text.append(escaped)
            default: text += [byte, escaped]
            }
        }
        throw TemplateFault("a text is not closed", line: line)
    }
}
