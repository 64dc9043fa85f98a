import Testing

@testable import OperationProcesses

@Suite("Lines of a process")
struct LineSplitterTests {
    private func lines(_ parts: [[UInt8]], limit: Int = 1 << 20) -> [String] {
        var splitter = LineSplitter(limit: limit)
        var lines = parts.flatMap { splitter.add($0[...]) }
        if let last = splitter.finish() { lines.append(last) }
        return lines
    }

    @Test("Lines come out the same wherever the bytes are cut, with either end of line, the last one without")
    func everyCut() {
        let bytes = Array("one\ntwo\r\n\n  three\rfour\nümläut ✓\nlast".utf8)
        let expected = ["one", "two", "", "  three\rfour", "ümläut ✓", "last"]
        for cut in 0...bytes.count {
            #expect(lines([Array(bytes[..<cut]), Array(bytes[cut...])]) == expected)
        }
        #expect(lines(bytes.map { [$0] }) == expected)
        #expect(lines([]) == [])
    }

    @Test("Bytes that are no UTF-8 are replaced, and the rest of the line is kept")
    func invalidBytes() {
        #expect(lines([[0x61, 0xFF, 0x62, 0x0A, 0xC3, 0x0A, 0x63]]) == ["a\u{FFFD}b", "\u{FFFD}", "c"])
    }

    @Test("A line without end is handed out in parts of at most the limit, never cut within a character")
    func longLines() {
        let text = String(repeating: "a✓", count: 1000)
        let parts = lines([Array(text.utf8), Array("\nnext".utf8)], limit: 10)
        #expect(parts.dropLast().joined() == text)
        #expect(parts.last == "next")
        #expect(parts.allSatisfy { $0.utf8.count <= 10 && !$0.contains("\u{FFFD}") })
        // Neither is it kept: nothing that a program can write makes the rest grow.
        #expect(lines([[UInt8](repeating: 0x80, count: 25)], limit: 10).count == 4)
    }
}
