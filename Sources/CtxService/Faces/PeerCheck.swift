internal import Glibc
internal import NIOCore
internal import NIOPosix

/// Lets in only connections of certain users. Stands in front of everything else on a Unix socket.
final class PeerCheck: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    /// What the system says about the other end, laid out like C's `ucred`.
    private struct Credentials {
        var process: pid_t = 0
        var user: uid_t = 0
        var group: gid_t = 0
    }

    private let allowed: Set<uid_t>

    init(allowed: Set<uid_t>) { self.allowed = allowed }

    func channelActive(context: ChannelHandlerContext) {
        guard let provider = context.channel as? any SocketOptionProvider else { return context.close(promise: nil) }
        let credentials: EventLoopFuture<Credentials> = provider.unsafeGetSocketOption(
            level: .socket, name: NIOBSDSocket.Option(rawValue: SO_PEERCRED))
        credentials.assumeIsolated().whenComplete { [allowed] result in
            guard case .success(let peer) = result, allowed.contains(peer.user) else {
                return context.close(promise: nil)
            }
            context.fireChannelActive()
        }
    }
}
