internal import NIOCore
internal import NIOHTTP1

/// Finds the request on a connection of the HTTP face. Whoever does not know the path learns nothing.
final class HTTPRequests: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = CallHandler.Arrival

    private let path: String
    private let maximumRequest: Int
    private let memory: RequestMemory
    private var body = ByteBuffer()
    private var room: RequestRoom?
    /// What there is room for, in bytes: at first the length that was announced.
    private var expected = 0
    private var isDone = false

    init(path: String, maximumRequest: Int, memory: RequestMemory) {
        self.path = path
        self.maximumRequest = maximumRequest
        self.memory = memory
    }

    func channelInactive(context: ChannelHandlerContext) {
        isDone = true
        (body, room) = (ByteBuffer(), nil)
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDone else { return }
        switch unwrapInboundIn(data) {
        case .head(let head): begin(head, context)
        case .body(var part):
            guard makeRoom(for: body.readableBytes + part.readableBytes, context) else { return }
            body.writeBuffer(&part)
        case .end:
            isDone = true
            context.fireChannelRead(wrapInboundOut(.request(body, room)))
            (body, room) = (ByteBuffer(), nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !isDone else { return }
        refuse(context, "400 Bad Request")
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let uri = head.uri.hasSuffix("/") ? String(head.uri.dropLast()) : head.uri
        guard Secret.matches(uri, path) else { return refuse(context, "404 Not Found") }
        context.fireChannelRead(wrapInboundOut(.proof))
        guard head.method == .POST else { return refuse(context, "405 Method Not Allowed") }
        if let length = head.headers.first(name: "content-length").flatMap({ Int($0) }) {
            _ = makeRoom(for: length, context)
        }
    }

    /// - Returns: whether there is room for a body of so many bytes; if not, the request is refused.
    private func makeRoom(for size: Int, _ context: ChannelHandlerContext) -> Bool {
        guard size > expected else { return true }
        // What comes in parts of unknown number would otherwise ask for room with each of them.
        let wanted = expected == 0 ? size : max(size, min(2 * expected, maximumRequest))
        do throws(RequestRoom.Refusal) {
            // The new room is there before the old one is gone.
            room = try RequestRoom.take(wanted, maximum: maximumRequest, in: memory)
            expected = wanted
            return true
        } catch {
            switch error {
            case .tooLarge: refuse(context, "413 Request Entity Too Large")
            case .full(let message): refuse(context, "503 \(message)")
            }
            return false
        }
    }

    private func refuse(_ context: ChannelHandlerContext, _ status: String) {
        isDone = true
        (body, room) = (ByteBuffer(), nil)
        context.fireChannelRead(wrapInboundOut(.refusal(HTTPHead.bytes(status: status))))
    }
}
