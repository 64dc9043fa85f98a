internal import NIOCore

/// Accepts connections while there is room for them.
final class AcceptGate: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel
    typealias OutboundIn = Never

    private let clients: Clients

    init(_ clients: Clients) { self.clients = clients }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        clients.add(unwrapInboundIn(data))
        context.fireChannelRead(data)
    }

    func read(context: ChannelHandlerContext) {
        clients.whenThereIsRoom { context.read() }
    }
}
