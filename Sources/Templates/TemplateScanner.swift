/// Cuts a template into text, outputs and tags.
struct TemplateScanner {
    private let bytes: [UInt8]
    private var position = 0
    private var line = 1
    private var trimsNextText = false
    private var found: [TemplatePart] = []

    init(_ template: String) {
        // As Jinja2 does: one kind of line end, and the last one does not count.
        var bytes: [UInt8] = []
        bytes.reserveCapacity(template.utf8.count)
        var previous: UInt8 = 0
        for byte in template.utf8 {
            if byte == 0x0D { bytes.append(0x0A) } else if byte != 0x0A || previous != 0x0D { bytes.append(byte) }
            previous = byte
        }
        if bytes.last == 0x0A { bytes.removeLast() }
        self.bytes = bytes
    }

    mutating func parts() throws -> [TemplatePart] {
        while position < bytes.count {
            let opening = nextOpening(from: position)
            guard let opening else {
                addText(to: bytes.count, trimsEnd: false)
                break
            }
            addText(to: opening, trimsEnd: byte(opening + 2) == UInt8(ascii: "-"))
            try addPart(at: opening)
        }
        return found
    }

    private func byte(_ index: Int) -> UInt8? { index < bytes.count ? bytes[index] : nil }

    private func nextOpening(from start: Int) -> Int? {
        var index = start
        while index + 1 < bytes.count {
            if bytes[index] == UInt8(ascii: "{") {
                switch bytes[index + 1] {
                case UInt8(ascii: "{"), UInt8(ascii: "%"), UInt8(ascii: "#"): return index
                default: break
                }
            }
            index += 1
        }
        return nil
    }

    private mutating func addText(to end: Int, trimsEnd: Bool) {
        var slice = bytes[position..<end]
        let textLine = line
        line += slice.count { $0 == 0x0A }
        position = end
        if trimsNextText { slice = slice.drop(while: Self.isSpace) }
        if trimsEnd { while let last = slice.last, Self.isSpace(last) { slice.removeLast() } }
        trimsNextText = false
        guard !slice.isEmpty else { return }
        found.append(TemplatePart(kind: .text(String(decoding: slice, as: UTF8.self)), line: textLine))
    }

    private mutating func addPart(at opening: Int) throws {
        let kind = bytes[opening + 1]
        let startLine = line
        var start = opening + 2
        if let sign = byte(start), sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { start += 1 }
        guard let end = kind == UInt8(ascii: "#") ? endOfComment(from: start) : endOfPart(from: start, kind) else {
            throw TemplateFault("a tag is not closed", line: startLine)
        }
        line += bytes[opening..<end].count { $0 == 0x0A }
        var inside = bytes[start..<(end - 2)]
        if let last = inside.last, last == UInt8(ascii: "-") || last == UInt8(ascii: "+") {
            trimsNextText = last == UInt8(ascii: "-")
            inside.removeLast()
        }
        position = end
        guard kind != UInt8(ascii: "#") else { return }
        let lexemes = try ExpressionScanner.scan(inside, line: startLine)
        if kind == UInt8(ascii: "{") {
            found.append(TemplatePart(kind: .output(lexemes), line: startLine))
        } else if lexemes == [.name("raw")] {
            try addRaw(startLine)
        } else {
            found.append(TemplatePart(kind: .tag(lexemes), line: startLine))
        }
    }

    private func endOfComment(from start: Int) -> Int? {
        var index = start
        while index + 1 < bytes.count {
            if bytes[index] == UInt8(ascii: "#"), bytes[index + 1] == UInt8(ascii: "}") { return index + 2 }
            index += 1
        }
        return nil
    }

    /// Where the tag ends; what is in quotes or in braces of its own does not end it.
    private func endOfPart(from start: Int, _ kind: UInt8) -> Int? {
        let closing = kind == UInt8(ascii: "{") ? UInt8(ascii: "}") : UInt8(ascii: "%")
        var index = start
        var quote: UInt8?
        var braces = 0
        while index < bytes.count {
            let current = bytes[index]
            if let open = quote {
                if current == UInt8(ascii: "\\") { index += 1 } else if current == open { quote = nil }
            } else if current == UInt8(ascii: "'") || current == UInt8(ascii: "\"") {
                quote = current
            } else if current == closing, braces == 0, byte(index + 1) == UInt8(ascii: "}") {
                return index + 2
            } else if current == UInt8(ascii: "{") {
                braces += 1
            } else if current == UInt8(ascii: "}") {
                braces -= 1
            }
            index += 1
        }
        return nil
    }

    /// Takes everything up to `{% endraw %}` as it is.
    private mutating func addRaw(_ startLine: Int) throws {
        var search = position
        while let opening = nextOpening(from: search) {
            search = opening + 2
            guard bytes[opening + 1] == UInt8(ascii: "%"), let end = endOfPart(from: opening + 2, UInt8(ascii: "%"))
            else {
                continue
            }
            let words = bytes[(opening + 2)..<(end - 2)].split { Self.isSpace($0) || $0 == UInt8(ascii: "-") }
            guard words.count == 1, words[0].elementsEqual("endraw".utf8) else { continue }
            addText(to: opening, trimsEnd: byte(opening + 2) == UInt8(ascii: "-"))
            trimsNextText = bytes[end - 3] == UInt8(ascii: "-")
            position = end
            return
        }
        throw TemplateFault("'raw' is not closed", line: startLine)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
