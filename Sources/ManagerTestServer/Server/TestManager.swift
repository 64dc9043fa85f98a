internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import Operative
internal import Synchronization

/// A manager for tests: the REST service and the file server of a Cloudify manager, in memory, on 127.0.0.1.
///
/// It records every request, and does wrong what a test asks it to.
public final class TestManager: Sendable {
    /// The files of a certificate and its key, in PEM form.
    public struct Identity: Sendable {
        let certificate: String
        let key: String

        /// An identity in two files.
        public init(certificate: String, key: String) {
            self.certificate = certificate
            self.key = key
        }
    }

    struct InjectedFault {
        let fault: ManagerFault
        let method: String?
        let path: String
        var times: Int
    }

    struct State {
        var store = ManagerStore()
        var requests: [RecordedRequest] = []
        var faults: [InjectedFault] = []
        var connections = 0
        var open: [Int: any Channel] = [:]
        var listener: (any Channel)?
        var port = 0
        var waiting: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
        var waitingForConnections: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    let state = Mutex(State())
    private let tls: NIOSSLContext?

    /// Starts a manager.
    ///
    /// - Parameters:
    ///   - identity: For TLS; plain HTTP without.
    ///   - port: Where to listen; any free port by default.
    public init(identity: Identity? = nil, port: Int = 0) async throws {
        if let identity {
            let chain = try NIOSSLCertificate.fromPEMFile(identity.certificate).map {
                NIOSSLCertificateSource.certificate($0)
            }
            let key = try NIOSSLPrivateKey(file: identity.key, format: .pem)
            tls = try NIOSSLContext(
                configuration: .makeServerConfiguration(certificateChain: chain, privateKey: .privateKey(key)))
        } else {
            tls = nil
        }
        try await listen(port)
    }

    /// Where it listens on 127.0.0.1.
    public var port: Int { state.withLock { $0.port } }

    /// All requests that arrived, in order.
    public var requests: [RecordedRequest] { state.withLock { $0.requests } }

    /// How many connections were made to it.
    public var connectionCount: Int { state.withLock { $0.connections } }

    /// What it knows.
    public var store: ManagerStore { state.withLock { $0.store } }

    /// Changes what it knows.
    @discardableResult
    public func change<Result: Sendable>(_ body: (inout ManagerStore) -> Result) -> Result {
        state.withLock { body(&$0.store) }
    }

    /// Makes something go wrong with the next requests.
    ///
    /// - Parameters:
    ///   - fault: What goes wrong.
    ///   - method: Only for this method.
    ///   - path: Only for paths that contain this.
    ///   - times: For how many requests.
    public func inject(_ fault: ManagerFault, method: String? = nil, path: String = "", times: Int = 1) {
        state.withLock { state in
            state.faults.append(InjectedFault(fault: fault, method: method, path: path, times: times))
        }
    }

    /// Forgets faults that have not happened.
    public func clearFaults() { state.withLock { $0.faults = [] } }

    /// Forgets the requests so far.
    public func clearRequests() { state.withLock { $0.requests = [] } }

    /// Waits until so many requests have arrived.
    public func received(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                if state.requests.count >= count { return true }
                state.waiting.append((count, continuation))
                return false
            }
            if isReached { continuation.resume() }
        }
    }

    /// Waits until something holds that requests bring about; it is asked again after each of them.
    public func received(until isSo: () -> Bool) async {
        while true {
            // Counted before it is asked: a request that comes in between is not waited for in vain.
            let count = requests.count
            if isSo() { return }
            await received(count + 1)
        }
    }

    /// Waits until so many connections were made.
    public func connected(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                if state.connections >= count { return true }
                state.waitingForConnections.append((count, continuation))
                return false
            }
            if isReached { continuation.resume() }
        }
    }

    /// Closes the port and all connections; what it knows stays.
    public func goDown() async {
        let channels = state.withLock { state in
            let channels = [state.listener].compactMap { $0 } + state.open.values
            state.listener = nil
            return channels
        }
        for channel in channels { try? await channel.close() }
    }

    /// Listens again on the port of before.
    public func comeBack() async throws { try await listen(port) }

    private func listen(_ port: Int) async throws {
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 256)
            .childChannelInitializer { [weak self] channel in
                guard let self else { return channel.close() }
                return channel.eventLoop.makeCompletedFuture { try self.prepare(channel) }
            }
        let listener = try await bootstrap.bind(host: "127.0.0.1", port: port).get()
        state.withLock { state in
            state.listener = listener
            state.port = listener.localAddress?.port ?? 0
        }
    }

    private func prepare(_ channel: any Channel) throws {
        let (number, reached) = state.withLock { state in
            let number = state.connections
            state.open[number] = channel
            state.connections += 1
            let reached = state.waitingForConnections.filter { $0.count <= number + 1 }.map { $0.continuation }
            state.waitingForConnections.removeAll { $0.count <= number + 1 }
            return (number, reached)
        }
        for continuation in reached { continuation.resume() }
        channel.closeFuture.whenComplete { [weak self] _ in
            _ = self?.state.withLock { $0.open.removeValue(forKey: number) }
        }
        let pipeline = channel.pipeline.syncOperations
        if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
        try pipeline.configureHTTPServerPipeline()
        try pipeline.addHandler(ManagerConnection(manager: self, number: number))
    }
}
