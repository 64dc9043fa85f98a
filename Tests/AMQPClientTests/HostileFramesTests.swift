import TestRandomness
import Testing

@testable import AMQPClient

@Suite("Hostile frames")
struct HostileFramesTests {
    /// Feeds a payload to the decoders the way the connection does.
    private func decode(_ payload: [UInt8], _ decoder: inout MethodDecoder) {
        if payload.count >= 4 { _ = try? decoder.method(payload.span.bytes) }
        if payload.count >= 14 { _ = try? decoder.header(payload.span.bytes) }
    }

    private static let methods: [UInt32] = [
        0x000A_0032, 0x000A_003C, 0x000A_003D, 0x0014_0028, 0x0014_0014, 0x0032_000B, 0x003C_0015, 0x003C_001E,
        0x003C_0032,
        0x003C_003C, 0x003C_0047, 0x003C_0048, 0x003C_0050, 0x003C_0078, 0x0055_000B, 0xFFFF_FFFF, 0x000A_000A,
    ]

    @Test("Random payloads of every method are decoded or refused, never read beyond their end")
    func randomPayloads() {
        var generator = SeededGenerator(seed: 4)
        var decoder = MethodDecoder()
        for round in 0..<20_000 {
            let method = Self.methods[round % Self.methods.count]
            var payload = [
                UInt8(method >> 24), UInt8(method >> 16 & 0xFF), UInt8(method >> 8 & 0xFF), UInt8(method & 0xFF),
            ]
            for _ in 0..<Int.random(in: 0...60, using: &generator) {
                payload.append(
                    UInt8.random(in: 0...255, using: &generator) & (Bool.random(using: &generator) ? 0x0F : 0xFF))
            }
            decode(payload, &decoder)
        }
    }

    @Test("Flipped bits in valid properties are decoded or refused")
    func flippedProperties() throws {
        var writer = FrameWriter(frameMax: 131_072)
        let message = AMQPMessage(
            exchange: "e", routingKey: "r", body: [1],
            properties: AMQPProperties(
                contentType: "t",
                headers: ["list": .array([1, "x", .table(["y": .timestamp(1)])]), "bytes": .bytes([1, 2])],
                deliveryMode: 2, correlationID: "c", timestamp: 9, appID: "a"))
        let refusal = writer.publish(1, message)
        #expect(refusal == nil)
        let stream = written(&writer)
        let splitter = FrameSplitter(frameMax: 131_072)
        let method = try #require(try splitter.frame(in: stream.span.bytes, at: 0))
        let header = try #require(try splitter.frame(in: stream.span.bytes, at: method.end))
        let payload = Array(stream[header.payload])
        var decoder = MethodDecoder()
        let decoded = try decoder.header(payload.span.bytes)
        #expect(decoded.properties == message.properties)
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<20_000 {
            var changed = payload
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                changed[Int.random(in: 4..<changed.count, using: &generator)] ^=
                    1 << UInt8.random(in: 0..<8, using: &generator)
            }
            decode(Array(changed.prefix(Int.random(in: 14...changed.count, using: &generator))), &decoder)
        }
    }

    @Test("Tables nested thousands deep exhaust no stack")
    func nesting() {
        // Each level is a size, a key of one letter and the mark of a table.
        let depth = 18_000
        var table: [UInt8] = []
        for level in 0...depth {
            let size = UInt32((depth - level) * 7)
            table += [UInt8(size >> 24), UInt8(size >> 16 & 0xFF), UInt8(size >> 8 & 0xFF), UInt8(size & 0xFF)]
            if level < depth { table += [1, UInt8(ascii: "k"), UInt8(ascii: "F")] }
        }
        let payload: [UInt8] = [0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x20, 0] + table
        var decoder = MethodDecoder()
        decode(payload, &decoder)
    }

    /// Takes what the writer has written.
    private func written(_ writer: inout FrameWriter) -> [UInt8] {
        var bytes: [UInt8] = []
        writer.output.drain { raw in
            bytes = Array(raw)
            return raw.count
        }
        return bytes
    }

    @Test("A message whose headers fit no frame is refused and leaves no trace in the output")
    func headersTooLarge() {
        var writer = FrameWriter(frameMax: 4096)
        let headers: [String: AMQPFieldValue] = ["huge": .string(String(repeating: "x", count: 5000))]
        let refusal = writer.publish(
            1, AMQPMessage(routingKey: "q", body: [], properties: AMQPProperties(headers: headers)))
        #expect(refusal?.code == .invalidMessage)
        #expect(writer.output.count == 0)
    }

    @Test("A large body is cut into frames that the broker accepts, and comes out the same")
    func largeBody() throws {
        var writer = FrameWriter(frameMax: 4096)
        let body = (0..<50_000).map { UInt8(truncatingIfNeeded: $0) }
        let refusal = writer.publish(7, AMQPMessage(routingKey: "q", body: body))
        #expect(refusal == nil)
        let stream = written(&writer)
        let splitter = FrameSplitter(frameMax: 4096)
        var offset = 0
        var joined: [UInt8] = []
        while let frame = try splitter.frame(in: stream.span.bytes, at: offset) {
            #expect(frame.channel == 7)
            if frame.kind == .body { joined += stream[frame.payload] }
            offset = frame.end
        }
        #expect(offset == stream.count)
        #expect(joined == body)
    }
}
