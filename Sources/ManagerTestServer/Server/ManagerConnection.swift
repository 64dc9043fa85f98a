internal import NIOCore
internal import NIOHTTP1

/// One connection to the test manager.
final class ManagerConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let manager: TestManager
    private let number: Int
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    init(manager: TestManager, number: Int) {
        self.manager = manager
        self.number = number
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
        case .body(let buffer): body.append(contentsOf: buffer.readableBytesView)
        case .end:
            guard let head else { return }
            self.head = nil
            let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
            let request = RecordedRequest(
                method: head.method.rawValue, path: String(parts.first ?? ""),
                query: parts.count > 1 ? String(parts[1]) : "",
                headers: head.headers.map { RecordedRequest.Header(name: $0.name.lowercased(), value: $0.value) },
                body: body, connection: number)
            let (answer, fault) = manager.take(request)
            respond(answer, fault, to: head, context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func respond(
        _ answer: ServerAnswer?, _ fault: ManagerFault?, to head: HTTPRequestHead, _ context: ChannelHandlerContext
    ) {
        switch fault {
        case .close, .loseAnswer: context.close(promise: nil)
        case .silence: break
        case .raw(let text):
            let encoder = try? context.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self)
            encoder?.writeAndFlush(NIOAny(ByteBuffer(string: text)), promise: nil)
            context.close(promise: nil)
        case .delay(let pause):
            guard let answer else { return }
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            context.eventLoop.scheduleTask(in: TimeAmount(pause)) {
                bound.value.0.send(answer, announced: true, bound.value.1)
            }
        case .truncate(let count):
            guard let answer, case .bytes(let bytes) = answer.body else { return context.close(promise: nil) }
            sendHead(answer, announced: true, context)
            write(Array(bytes.prefix(count)), context)
            context.flush()
            context.close(promise: nil)
        case .trickle(let pause):
            guard let answer, case .bytes(let bytes) = answer.body else { return }
            sendHead(answer, announced: true, context)
            trickle(bytes[...], every: TimeAmount(pause), context)
        case .flood:
            guard let answer else { return }
            send(answer, announced: false, context)
        default:
            guard let answer else { return }
            send(answer, announced: true, context)
        }
    }

    private func send(_ answer: ServerAnswer, announced: Bool, _ context: ChannelHandlerContext) {
        sendHead(answer, announced: announced, context)
        switch answer.body {
        case .bytes(let bytes):
            write(bytes, context)
            finish(context)
        case .generated(let count): generate(count, context)
        }
    }

    private func sendHead(_ answer: ServerAnswer, announced: Bool, _ context: ChannelHandlerContext) {
        var headers = HTTPHeaders([("Content-Type", answer.contentType), ("Server", "test")])
        if announced, answer.status != 204 {
            headers.add(name: "Content-Length", value: String(answer.body.count))
        } else {
            headers.add(name: "Transfer-Encoding", value: "chunked")
        }
        let status = HTTPResponseStatus(statusCode: answer.status)
        context.write(
            wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))), promise: nil)
    }

    private func write(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes)))), promise: nil)
    }

    private func finish(_ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    /// One part after the other, each when the one before has left.
    private func generate(_ rest: Int, _ context: ChannelHandlerContext) {
        guard rest > 0 else { return finish(context) }
        let size = min(rest, 256 << 10)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.whenSuccess { bound.value.0.generate(rest - size, bound.value.1) }
        context.writeAndFlush(
            wrapOutboundOut(.body(.byteBuffer(ByteBuffer(repeating: 0, count: size)))), promise: promise)
    }

    private func trickle(_ rest: ArraySlice<UInt8>, every pause: TimeAmount, _ context: ChannelHandlerContext) {
        guard let first = rest.first, context.channel.isActive else { return finish(context) }
        write([first], context)
        context.flush()
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: pause) {
            bound.value.0.trickle(rest.dropFirst(), every: pause, bound.value.1)
        }
    }
}
