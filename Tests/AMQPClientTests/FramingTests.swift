import Testing

@testable import AMQPClient

@Suite("Frames and messages")
struct FramingTests {
    private let splitter = FrameSplitter(frameMax: 4096)

    private func frame(type: UInt8, channel: UInt16 = 1, _ payload: [UInt8], end: UInt8 = 0xCE) -> [UInt8] {
        let size = UInt32(payload.count)
        return [
            type, UInt8(channel >> 8), UInt8(channel & 0xFF), UInt8(size >> 24), UInt8(size >> 16 & 0xFF),
            UInt8(size >> 8 & 0xFF), UInt8(size & 0xFF),
        ] + payload + [end]
    }

    private func split(_ bytes: [UInt8]) throws(AMQPError) -> [FrameSplitter.Frame] {
        var frames: [FrameSplitter.Frame] = []
        var offset = 0
        while let frame = try splitter.frame(in: bytes.span.bytes, at: offset) {
            frames.append(frame)
            offset = frame.end
        }
        return frames
    }

    @Test("Frames are cut out of a stream, and a frame that is not complete yet waits for more")
    func cutting() throws {
        let stream =
            frame(type: 1, [0, 60, 0, 80]) + frame(type: 8, channel: 0, []) + frame(type: 3, channel: 258, [1, 2, 3])
        let frames = try split(stream)
        #expect(frames.map(\.kind) == [.method, .heartbeat, .body])
        #expect(frames.map(\.channel) == [1, 0, 258])
        #expect(stream[frames[2].payload] == [1, 2, 3])
        for length in 0..<stream.count {
            let whole = try split(Array(stream[..<length]))
            #expect(whole == frames.filter { $0.end <= length })
        }
    }

    @Test(
        "What is not AMQP is refused",
        arguments: [
            [1, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF], [1, 0, 0, 0, 0, 16, 0], [7, 0, 0, 0, 0, 0, 4],
            [1, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0xCE],
            [2, 0, 0, 0, 0, 0, 1, 0, 0xCE], [3, 0, 0, 0, 0, 0, 1, 0, 0xCD], Array("HTTP/1.1 400 Bad".utf8),
            Array("AMQP\0\0\u{9}\u{1}".utf8),
        ] as [[UInt8]])
    func refusal(bytes: [UInt8]) {
        #expect { try split(bytes) } throws: { ($0 as? AMQPError)?.code == .protocolViolation }
    }

    // MARK: Messages

    private typealias Assembler = ContentAssembler<String>

    private func assemble(
        _ size: Int, parts: [Int], maximum: Int
    ) throws(AMQPError) -> (content: Assembler.Content?, body: [UInt8]) {
        let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var assembler = Assembler(maximumBytes: maximum)
        try assembler.begin("deliver")
        var content = try assembler.header(size: UInt64(size), properties: AMQPProperties(messageID: "m"))
        var offset = 0
        for part in parts {
            #expect(content == nil)
            let piece = Array(body[offset..<(offset + part)])
            content = try assembler.body(piece.span.bytes)
            offset += part
        }
        return (content, body)
    }

    @Test(
        "A body is the same whole, in parts, and with empty frames between",
        arguments: [
            (0, []), (5, [5]), (5, [2, 3]), (5, [0, 1, 0, 4]), (100, Array(repeating: 1, count: 100)),
        ] as [(Int, [Int])])
    func assembling(size: Int, parts: [Int]) throws {
        let (content, body) = try assemble(size, parts: parts, maximum: 100)
        #expect(content?.body == .complete(body))
        #expect(content?.properties.messageID == "m")
        #expect(content?.method == "deliver")
    }

    @Test("Of an oversized body only the beginning is kept, and its size is told")
    func oversized() throws {
        let size = 3 << 20
        let (content, body) = try assemble(size, parts: Array(repeating: 1 << 16, count: 48), maximum: 2 << 20)
        #expect(content?.body == .oversized(prefix: Array(body[..<(1 << 20)]), size: UInt64(size)))
        let (exact, _) = try assemble(2 << 20, parts: [2 << 20], maximum: 2 << 20)
        #expect(exact?.body.bytes.count == 2 << 20)
    }

    @Test("An announced size is not believed: a huge one costs nothing before bytes arrive")
    func announcedSize() throws {
        var assembler = Assembler(maximumBytes: .max)
        try assembler.begin("deliver")
        let empty = try assembler.header(size: .max, properties: AMQPProperties())
        #expect(empty == nil)
        let incomplete = try assembler.body([1, 2].span.bytes)
        #expect(incomplete == nil)
    }

    @Test("Frames of a message in the wrong order are refused")
    func disorder() throws {
        func refuses(_ feed: (inout Assembler) throws -> Void) {
            var assembler = Assembler(maximumBytes: 10)
            #expect { try feed(&assembler) } throws: { ($0 as? AMQPError)?.code == .protocolViolation }
        }
        refuses { _ = try $0.header(size: 1, properties: AMQPProperties()) }
        refuses { _ = try $0.body([1].span.bytes) }
        refuses {
            try $0.begin("a")
            try $0.begin("b")
        }
        refuses {
            try $0.begin("a")
            _ = try $0.header(size: 1, properties: AMQPProperties())
            _ = try $0.body([1, 2].span.bytes)
        }
    }
}
