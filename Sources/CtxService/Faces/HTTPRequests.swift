internal import NIOCore
internal import NIOHTTP1

/// Finds the request on a connection of the HTTP face. Whoever does not know the path learns nothing.
final class HTTPRequests: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = CallHandler.Arrival

    private let path: String
    private let maximumRequest: Int
    private var body = ByteBuffer()
    private var isDone = false

    init(path: String, maximumRequest: Int) {
        self.path = path
        self.maximumRequest = maximumRequest
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDone else { return }
        switch unwrapInboundIn(data) {
        case .head(let head): begin(head, context)
        case .body(var part):
            guard body.readableBytes + part.readableBytes <= maximumRequest else {
                return refuse(context, "413 Request Entity Too Large")
            }
            body.writeBuffer(&part)
        case .end:
            isDone = true
            context.fireChannelRead(wrapInboundOut(.request(body)))
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
        if let length = head.headers.first(name: "content-length").flatMap({ Int($0) }), length > maximumRequest {
            refuse(context, "413 Request Entity Too Large")
        }
    }

    private func refuse(_ context: ChannelHandlerContext, _ status: String) {
        isDone = true
        context.fireChannelRead(wrapInboundOut(.refusal(HTTPHead.bytes(status: status))))
    }
}
