@testable import AMQPClient

/// The bytes of a hostile broker, taken in the way the connection takes them: cut into frames, decoded, put together per channel.
func fuzzBrokerFrames(_ bytes: [UInt8]) {
    let splitter = FrameSplitter(frameMax: 4096)
    var decoder = MethodDecoder()
    var assemblers: [UInt16: ContentAssembler<UInt64>] = [:]
    var offset = 0
    do {
        while let frame = try splitter.frame(in: bytes.span.bytes, at: offset) {
            precondition(frame.end > offset && frame.end <= bytes.count, "a frame that leads nowhere")
            offset = frame.end
            // Memory of its own, so that AddressSanitizer sees a decoder that reads beyond the frame.
            let payload = Array(bytes[frame.payload])
            var assembler = assemblers[frame.channel] ?? ContentAssembler(maximumBytes: 1024)
            defer { assemblers[frame.channel] = assembler }
            switch frame.kind {
            case .heartbeat: break
            case .method:
                if case .deliver(let method) = try decoder.method(payload.span.bytes) {
                    try assembler.begin(method.tag)
                }
            case .header:
                let header = try decoder.header(payload.span.bytes)
                check(try assembler.header(size: header.size, properties: header.properties)?.body)
            case .body: check(try assembler.body(payload.span.bytes)?.body)
            }
        }
    } catch {
        precondition(error.code == .protocolViolation, "a hostile broker is called \(error.code)")
    }
}

private func check(_ body: AMQPBody?) {
    guard let body else { return }
    precondition(body.bytes.count <= 1024, "a body over the limit is kept")
}
