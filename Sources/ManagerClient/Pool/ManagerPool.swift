internal import AsyncHTTPClient
public import Logging
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import Synchronization

/// The connections to managers, shared by all tasks: one set of them for each certificate authority.
///
/// Close it with ``shutdown()``; requests that are under way then fail with ``ManagerError/Reason/closed``.
public final class ManagerPool: Sendable {
    private struct Entry {
        let client: HTTPClient
        var requests = 0
        var lastUse: Int
    }

    private struct State {
        var entries: [[UInt8]: Entry] = [:]
        var uses = 0
        var preferredHosts: [ManagerAddress: Int] = [:]
        var isClosed = false
        /// How many requests hold a client, of whatever entry.
        var borrowed = 0
        /// Called once, when the pool is closed and nobody holds a client any more.
        var endThreads: (@Sendable () -> Void)?
    }

    /// Certificate authorities whose connections are kept while nobody uses them.
    private static let keptAuthorities = 8
    private static let keptAddresses = 256

    let configuration: ManagerPoolConfiguration
    private let group: MultiThreadedEventLoopGroup
    private let state = Mutex(State())

    /// A pool without connections; its threads start now.
    public init(configuration: ManagerPoolConfiguration = ManagerPoolConfiguration()) {
        self.configuration = configuration
        group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, configuration.threads))
    }

    deinit {
        // Whoever made requests held the pool, so nothing is under way.
        let clients = state.withLock { state in
            defer { state.entries = [:] }
            return state.isClosed ? nil : state.entries.values.map { $0.client }
        }
        guard let clients else { return }
        let group = group
        let loop = group.any()
        EventLoopFuture.andAllComplete(clients.map { $0.shutdown() }, on: loop)
            .whenComplete { _ in group.shutdownGracefully { _ in } }
    }

    /// A client for one task.
    ///
    /// - Parameters:
    ///   - address: Where the manager is.
    ///   - credentials: By what right.
    ///   - sender: Who the agent says it is.
    ///   - logger: Where it is said that the manager is out of reach.
    public func client(
        for address: ManagerAddress, credentials: ManagerCredentials, sender: ManagerSender = ManagerSender(),
        logger: Logger = Logger(label: "operative.manager")
    ) -> ManagerClient {
        ManagerClient(pool: self, address: address, credentials: credentials, sender: sender, logger: logger)
    }

    /// Closes all connections and ends the threads. Afterwards every request fails.
    ///
    /// A request that begins while its threads end would be a trap. So they end when the last request has heard that it fails; for one that
    /// does not end all the same nobody waits, and the threads stay.
    public func shutdown() async {
        let clients = state.withLock { state -> [HTTPClient]? in
            guard !state.isClosed else { return nil }
            state.isClosed = true
            defer { state.entries = [:] }
            return state.entries.values.map { $0.client }
        }
        guard let clients else { return }
        for client in clients { try? await client.shutdown() }
        let (threads, hasEnded) = AsyncStream<Never>.makeStream()
        let endThreads: @Sendable () -> Void = { [group] in group.shutdownGracefully { _ in hasEnded.finish() } }
        let isUnused = state.withLock { state in
            if state.borrowed > 0 { state.endThreads = endThreads }
            return state.borrowed == 0
        }
        if isUnused { endThreads() }
        await withTaskGroup { group in
            group.addTask { for await _ in threads {} }
            group.addTask { [configuration] in try? await Task.sleep(for: configuration.closingPatience) }
            await group.next()
            group.cancelAll()
        }
    }

    /// The connections for an address, until ``giveBack(_:)``.
    ///
    /// - Throws: ``ManagerError`` when the pool is closed or the certificate authority is no certificate.
    func borrow(_ key: [UInt8], request: String) throws(ManagerError) -> HTTPClient {
        let result = state.withLock { state -> Result<(HTTPClient, [HTTPClient]), ManagerError> in
            guard !state.isClosed else {
                return .failure(
                    ManagerError(.closed, message: "the connections to managers are closed", request: request))
            }
            do throws(ManagerError) {
                let client = try entry(key, &state, request: request)
                state.borrowed += 1
                return .success((client, retire(&state)))
            } catch {
                return .failure(error)
            }
        }
        let (client, retired) = try result.get()
        for client in retired { _ = client.shutdown() }
        return client
    }

    func giveBack(_ key: [UInt8]) {
        let endThreads: (@Sendable () -> Void)? = state.withLock { state in
            state.entries[key]?.requests -= 1
            state.borrowed -= 1
            guard state.borrowed == 0 else { return nil }
            defer { state.endThreads = nil }
            return state.endThreads
        }
        endThreads?()
    }

    /// Whether ``shutdown()`` was called.
    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// The host that answered last, else one by chance.
    func preferredHost(of address: ManagerAddress) -> Int {
        if address.hosts.count == 1 { return 0 }
        if let host = state.withLock({ $0.preferredHosts[address] }) { return host }
        return configuration.firstHost(address.hosts.count) % address.hosts.count
    }

    func prefer(_ host: Int, of address: ManagerAddress) {
        guard address.hosts.count > 1 else { return }
        state.withLock { state in
            if state.preferredHosts.count >= Self.keptAddresses { state.preferredHosts = [:] }
            state.preferredHosts[address] = host
        }
    }

    /// How many certificate authorities have connections.
    var authorityCount: Int { state.withLock { $0.entries.count } }

    private func entry(_ key: [UInt8], _ state: inout State, request: String) throws(ManagerError) -> HTTPClient {
        state.uses += 1
        if var entry = state.entries[key] {
            entry.requests += 1
            entry.lastUse = state.uses
            state.entries[key] = entry
            return entry.client
        }
        let client = HTTPClient(
            eventLoopGroup: group, configuration: try httpConfiguration(authority: key, request: request))
        state.entries[key] = Entry(client: client, requests: 1, lastUse: state.uses)
        return client
    }

    /// Removes the longest unused entries beyond the number that is kept.
    private func retire(_ state: inout State) -> [HTTPClient] {
        let surplus = state.entries.count - Self.keptAuthorities
        guard surplus > 0 else { return [] }
        let idle = state.entries.filter { $0.value.requests == 0 }.sorted { $0.value.lastUse < $1.value.lastUse }
        return idle.prefix(surplus).compactMap { state.entries.removeValue(forKey: $0.key)?.client }
    }

    private func httpConfiguration(
        authority: [UInt8], request: String
    ) throws(ManagerError) -> HTTPClient.Configuration {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.certificateVerification = .fullVerification
        if !authority.isEmpty {
            do {
                let certificates = try NIOSSLCertificate.fromPEMBytes(authority)
                tls.trustRoots = .certificates(certificates)
            } catch {
                throw ManagerError(
                    .untrusted, message: "the manager's certificate authority is no certificate in PEM form",
                    request: request)
            }
        }
        var result = HTTPClient.Configuration(tlsConfiguration: tls)
        result.redirectConfiguration = .disallow
        result.timeout = HTTPClient.Configuration.Timeout(
            connect: TimeAmount(configuration.connectTimeout), read: TimeAmount(configuration.readTimeout))
        result.connectionPool.idleTimeout = TimeAmount(configuration.idleTimeout)
        result.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = max(1, configuration.connectionsPerHost)
        // Connecting again, elsewhere, is this package's own decision.
        result.connectionPool.retryConnectionEstablishment = false
        result.httpVersion = .http1Only
        result.decompression = .disabled
        return result
    }
}
