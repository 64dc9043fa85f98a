internal import CtxProtocol
internal import NIOCore

/// Finds the request on a connection of the Unix socket. What is not preceded by the operation's token is not read.
final class FrameDecoder: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = CallHandler.Arrival

    private let token: String
    private let maximumRequest: Int
    private let memory: RequestMemory
    private var received = ByteBuffer()
    private var length: Int?
    private var room: RequestRoom?
    private var isDone = false

    init(token: String, maximumRequest: Int, memory: RequestMemory) {
        self.token = token
        self.maximumRequest = maximumRequest
        self.memory = memory
    }

    func channelInactive(context: ChannelHandlerContext) {
        isDone = true
        (received, room) = (ByteBuffer(), nil)
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDone else { return }
        var part = unwrapInboundIn(data)
        received.writeBuffer(&part)
        if length == nil, !readLine(context) { return }
        guard let length, let body = received.readSlice(length: length) else { return }
        isDone = true
        received = ByteBuffer()
        context.fireChannelRead(wrapInboundOut(.request(body, room)))
        room = nil
    }

    /// - Returns: whether the line was there, and right.
    private func readLine(_ context: ChannelHandlerContext) -> Bool {
        let start = received.readableBytesView.prefix(CtxFrame.longestLine)
        guard let end = start.firstIndex(of: UInt8(ascii: "\n")) else {
            if start.count >= CtxFrame.longestLine { refuse(context) }
            return false
        }
        let line = start[..<end]
        guard let request = CtxFrame.request(line: line), Secret.matches(request.token, token) else {
            refuse(context)
            return false
        }
        do throws(RequestRoom.Refusal) {
            room = try RequestRoom.take(request.length, maximum: maximumRequest, in: memory)
        } catch {
            refuse(context, answer: error)
            return false
        }
        received.moveReaderIndex(forwardBy: line.count + 1)
        length = request.length
        context.fireChannelRead(wrapInboundOut(.proof))
        return true
    }

    private func refuse(_ context: ChannelHandlerContext, answer: RequestRoom.Refusal? = nil) {
        isDone = true
        received = ByteBuffer()
        let body = answer.map { CtxResponder.encoded(.value($0.message)) }
        let bytes = body.map { CtxFrame.answerLine(length: $0.count) + $0 } ?? []
        context.fireChannelRead(wrapInboundOut(.refusal(bytes)))
    }
}
