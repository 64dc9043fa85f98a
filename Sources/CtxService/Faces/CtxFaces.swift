internal import CtxProtocol
internal import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// The ways in to one operation's ctx, open until they are closed.
struct CtxFaces: Sendable {
    private struct Face: Sendable {
        let listener: any Channel
        let clients: NIOLoopBound<Clients>
    }

    /// All operations of a process share one thread for their connections; what is asked runs on the operation's own.
    private static let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()

    /// More than any client sends; the path, which only the operation knows, is looked at when the whole head is there.
    private static let headLimits = {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = 64 << 10
        limits.maxHeaderListSize = 64 << 10
        return limits
    }()

    private var faces: [Face] = []
    /// The port of the HTTP face; nil without one.
    private(set) var port: Int?

    /// - Parameters:
    ///   - account: whom the script runs as; nil when that is the agent's own user.
    ///   - calls: where requests go.
    static func open(
        _ place: CtxPlace, _ settings: CtxSettings, for account: Account?, calls: AsyncStream<CtxCall>.Continuation
    ) async throws(CtxServiceError) -> CtxFaces {
        var opened = CtxFaces()
        let memory = RequestMemory(limit: settings.requestMemory, of: "one operation", within: .ofAgent)
        do {
            if settings.faces.contains(.socket) {
                opened.faces.append(try await socket(place, settings, memory, account, calls))
                try place.closeSocketToOthers()
            }
            try place.handOver(to: account)
            if settings.faces.contains(.http) {
                let face = try await http(place, settings, memory, calls)
                opened.faces.append(face)
                opened.port = face.listener.localAddress?.port
            }
            return opened
        } catch {
            await opened.close()
            throw error as? CtxServiceError ?? CtxServiceError("ctx cannot be served to scripts: \(error)")
        }
    }

    /// Lets nobody in any more, and sends everybody away.
    func close() async {
        for face in faces {
            try? await face.listener.close()
            try? await Self.loop.flatSubmit {
                EventLoopFuture.andAllComplete(face.clients.value.closeAll(), on: Self.loop)
            }.get()
        }
    }

    // MARK: Opening

    private static func socket(
        _ place: CtxPlace, _ settings: CtxSettings, _ memory: RequestMemory, _ account: Account?,
        _ calls: AsyncStream<CtxCall>.Continuation
    ) async throws -> Face {
        let allowed: Set<uid_t> = [0, (account ?? .own).user]
        let clients = try await clients(settings)
        let listener = try await bootstrap(clients).childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandlers([
                    PeerCheck(allowed: allowed),
                    FrameDecoder(token: place.token, maximumRequest: settings.maximumRequest, memory: memory),
                    CallHandler(
                        clients.value, patience: TimeAmount(settings.patience), memory: memory, calls: calls
                    ) {
                        CtxFrame.answerLine(length: $0)
                    },
                ])
            }
        }.bind(unixDomainSocketPath: place.socket).get()
        return Face(listener: listener, clients: clients)
    }

    private static func http(
        _ place: CtxPlace, _ settings: CtxSettings, _ memory: RequestMemory,
        _ calls: AsyncStream<CtxCall>.Continuation
    ) async throws -> Face {
        let clients = try await clients(settings)
        let listener = try await bootstrap(clients).childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandlers([
                    ByteToMessageHandler(
                        HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: headLimits)),
                    HTTPRequests(
                        path: place.secretPath, maximumRequest: settings.maximumRequest, memory: memory),
                    CallHandler(
                        clients.value, patience: TimeAmount(settings.patience), memory: memory, calls: calls
                    ) { _ in
                        HTTPHead.bytes(status: "200 OK")
                    },
                ])
            }
        }.bind(host: "127.0.0.1", port: 0).get()
        return Face(listener: listener, clients: clients)
    }

    private static func clients(_ settings: CtxSettings) async throws -> NIOLoopBound<Clients> {
        let maximum = max(1, settings.maximumClients)
        return try await loop.submit {
            NIOLoopBound(
                Clients(maximum: maximum, moment: TimeAmount(settings.moment), loop: loop), eventLoop: loop)
        }.get()
    }

    private static func bootstrap(_ clients: NIOLoopBound<Clients>) -> ServerBootstrap {
        ServerBootstrap(group: loop)
            .serverChannelOption(ChannelOptions.backlog, value: 256)
            .serverChannelOption(ChannelOptions.maxMessagesPerRead, value: 1)
            .childChannelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptGate(clients.value))
                }
            }
    }
}
