internal import NIOCore

/// One connection: a request in, an answer out, and the end. Whoever is too slow for either is cut off.
final class CallHandler: ChannelInboundHandler {
    /// What the decoder in front of this has found.
    enum Arrival: Sendable {
        /// The client belongs to the operation; its request is on the way.
        case proof
        /// A whole request.
        case request(ByteBuffer)
        /// Nothing that is answered with more than these bytes, which may be none.
        case refusal([UInt8])
    }
    typealias InboundIn = Arrival
    typealias OutboundOut = ByteBuffer

    private let clients: Clients
    private let patience: TimeAmount
    private let calls: AsyncStream<CtxCall>.Continuation
    /// What an answer begins with.
    private let head: @Sendable (_ length: Int) -> [UInt8]
    private var deadline: Scheduled<Void>?
    private var isDone = false
    /// Refused, and still sending: what comes is thrown away, so that the refusal is read and not lost with the connection.
    private var isLingering = false

    init(
        _ clients: Clients, patience: TimeAmount, calls: AsyncStream<CtxCall>.Continuation,
        head: @escaping @Sendable (_ length: Int) -> [UInt8]
    ) {
        self.clients = clients
        self.patience = patience
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
        case .request(let body):
            isDone = true
            deadline?.cancel()
            deliver(Array(body.readableBytesView), context)
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

    private func deliver(_ request: [UInt8], _ context: ChannelHandlerContext) {
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let boundContext = NIOLoopBound(context, eventLoop: context.eventLoop)
        let (loop, head) = (context.eventLoop, head)
        let call = CtxCall(request: request) { answer in
            let bytes = head(answer.count) + answer
            loop.execute { bound.value.finish(with: bytes, boundContext.value) }
        }
        if case .enqueued = calls.yield(call) { return }
        context.close(promise: nil)
    }

    private func finish(with bytes: [UInt8], _ context: ChannelHandlerContext) {
        guard context.channel.isActive else { return }
        expectProgress(context)
        let (channel, mode) = (context.channel, isLingering ? CloseMode.output : .all)
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { _ in channel.close(mode: mode, promise: nil) }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: written)
    }

    private func expectProgress(_ context: ChannelHandlerContext) {
        deadline?.cancel()
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: patience) { context.close(promise: nil) }
    }
}
