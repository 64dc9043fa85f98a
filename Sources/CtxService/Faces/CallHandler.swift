internal import NIOCore

/// One connection: a request in, an answer out, and the end. Whoever is too slow for either is cut off.
final class CallHandler: ChannelInboundHandler {
    /// What the decoder in front of this has found.
    enum Arrival: Sendable {
        /// The client belongs to the operation; its request is on the way.
        case proof
        /// A whole request, and the room that it takes.
        case request(ByteBuffer, RequestRoom?)
        /// Nothing that is answered with more than these bytes, which may be none.
        case refusal([UInt8])
    }
    typealias InboundIn = Arrival
    typealias OutboundOut = ByteBuffer

    private let clients: Clients
    private let patience: TimeAmount
    private let memory: RequestMemory
    private let calls: AsyncStream<CtxCall>.Continuation
    /// What an answer begins with.
    private let head: @Sendable (_ length: Int) -> [UInt8]
    private var deadline: Scheduled<Void>?
    private var isDone = false
    /// Refused, and still sending: what comes is thrown away, so that the refusal is read and not lost with the connection.
    private var isLingering = false

    init(
        _ clients: Clients, patience: TimeAmount, memory: RequestMemory,
        calls: AsyncStream<CtxCall>.Continuation,
        head: @escaping @Sendable (_ length: Int) -> [UInt8]
    ) {
        self.clients = clients
        self.patience = patience
        self.memory = memory
        self.calls = calls
        self.head = head
    }

    func channelActive(context: ChannelHandlerContext) {
        expectProgress(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        clients.remove(context.channel)
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDone else { return }
        switch unwrapInboundIn(data) {
        case .proof: clients.prove(context.channel)
        case .request(let body, let room):
            isDone = true
            deadline?.cancel()
            deliver(Array(body.readableBytesView), room, context)
        case .refusal(let bytes):
            isDone = true
            isLingering = !bytes.isEmpty
            finish(with: bytes, context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // A client may end its side once its request is out; one that ends before will send nothing more.
        if case .inputClosed? = event as? ChannelEvent, !isDone || isLingering { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    private func deliver(_ request: [UInt8], _ room: RequestRoom?, _ context: ChannelHandlerContext) {
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let boundContext = NIOLoopBound(context, eventLoop: context.eventLoop)
        let (loop, head, memory) = (context.eventLoop, head, memory)
        @Sendable func reply(_ answer: [UInt8]) {
            let (answer, room) = Self.admitted(answer, in: memory)
            let bytes = head(answer.count) + answer
            loop.execute { bound.value.finish(with: bytes, boundContext.value, room: room) }
        }
        do throws(RequestRoom.Refusal) {
            let additional = try RequestRoom.take(
                RequestWeight.of(request) - request.count, for: "the content of the request", in: memory)
            let call = CtxCall(request: request, rooms: [room, additional].compactMap(\.self), reply: reply)
            if case .enqueued = calls.yield(call) { return }
            context.close(promise: nil)
        } catch {
            reply(CtxResponder.encoded(.value(error.message)))
        }
    }

    /// - Returns: the answer, or the error that there is no room for it; and the room that it takes.
    private static func admitted(_ answer: [UInt8], in memory: RequestMemory) -> ([UInt8], RequestRoom?) {
        do throws(RequestRoom.Refusal) {
            return (answer, try RequestRoom.take(answer.count, for: "the answer", in: memory))
        } catch {
            return (CtxResponder.encoded(.value(error.message)), nil)
        }
    }

    /// - Parameter room: what the answer takes until it has been sent.
    private func finish(with bytes: [UInt8], _ context: ChannelHandlerContext, room: RequestRoom? = nil) {
        guard context.channel.isActive else { return }
        expectProgress(context)
        let (channel, mode) = (context.channel, isLingering ? CloseMode.output : .all)
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { _ in
            withExtendedLifetime(room) { channel.close(mode: mode, promise: nil) }
        }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: written)
    }

    private func expectProgress(_ context: ChannelHandlerContext) {
        deadline?.cancel()
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: patience) { context.close(promise: nil) }
    }
}
