internal import Synchronization

/// An open connection, handed from the thread that made it to the thread that serves it.
final class Transport: Sendable {
    let handle: ConnectionHandle
    /// Why the broker takes no messages from the start, nil when it does.
    let blockedReason: String?

    init(_ handle: consuming ConnectionHandle, blockedReason: String?) {
        self.handle = handle
        self.blockedReason = blockedReason
    }
}

/// One attempt to connect and log in, on a thread of its own.
///
/// Name resolution cannot be interrupted and everything else only by its own deadline. So nobody waits for the thread: an
/// attempt that is given up is answered at once, and the thread ends by itself and throws away what it got.
final class ConnectAttempt: Sendable {
    private struct State {
        var continuation: CheckedContinuation<Result<Transport, AMQPError>, Never>?
        var result: Result<Transport, AMQPError>?
        var isConnected = false
    }

    private let state = Mutex(State())
    private let endpoint: AMQPEndpoint
    private let configuration: AMQPConfiguration

    init(_ endpoint: AMQPEndpoint, _ configuration: AMQPConfiguration) {
        self.endpoint = endpoint
        self.configuration = configuration
    }

    /// Connects. Answers at the latest when it is given up by one of the functions below.
    func run() async throws(AMQPError) -> Transport {
        let isStarted = Thread.detach(name: "amqp-connect") {
            do throws(AMQPError) {
                self.finish(.success(try self.connect()))
            } catch {
                self.finish(.failure(error))
            }
        }
        if !isStarted { throw AMQPError(.unreachable, "the system gives no more threads") }
        let result = await withCheckedContinuation { continuation in
            let result = state.withLock { state in
                if state.result == nil { state.continuation = continuation }
                return state.result
            }
            if let result { continuation.resume(returning: result) }
        }
        return try result.get()
    }

    /// Gives up when there is no encrypted connection yet: ``run()`` throws at once.
    func expireConnecting() {
        if state.withLock({ $0.isConnected }) { return }
        finish(
            .failure(AMQPError(.timedOut, "\(endpoint) could not be resolved and connected within the connect timeout"))
        )
    }

    /// Gives up when the login is not over yet: ``run()`` throws at once.
    func expireLogin() {
        finish(.failure(AMQPError(.timedOut, "\(endpoint) did not finish the AMQP login within the login timeout")))
    }

    /// Gives up: ``run()`` throws at once.
    func abandon() {
        finish(.failure(.stopped))
    }

    private var isAbandoned: Bool { state.withLock { $0.result != nil } }

    /// The first result counts; later ones are dropped, and with them their connection.
    private func finish(_ result: Result<Transport, AMQPError>) {
        let continuation = state.withLock { state -> CheckedContinuation<Result<Transport, AMQPError>, Never>? in
            guard state.result == nil else { return nil }
            state.result = result
            defer { state.continuation = nil }
            return state.continuation
        }
        continuation?.resume(returning: result)
    }

    // MARK: On the thread of the attempt

    private func connect() throws(AMQPError) -> Transport {
        let deadline = MonotonicTime.now + configuration.connectTimeout
        let addresses = Resolver.isAddress(endpoint.host) ? [endpoint.host] : try Resolver.addresses(of: endpoint.host)
        var failure = AMQPError(.unreachable, "\(endpoint) has no address")
        for (index, address) in addresses.enumerated() {
            if isAbandoned { throw .stopped }
            let left = deadline.since(.now)
            guard left.nanoseconds > 0 else { break }
            do throws(AMQPError) {
                // An address that does not answer must not use up the time of those behind it.
                return try connect(to: address, within: Duration(left / UInt64(addresses.count - index)))
            } catch {
                failure = error
                // A peer that answered, even with a refusal, is the one that was meant; only unreachable ones have alternatives.
                guard error.code == .unreachable || error.code == .timedOut else { throw error }
            }
        }
        throw failure
    }

    private func connect(to address: String, within limit: Duration) throws(AMQPError) -> Transport {
        let tls = configuration.tls.map { TLSVerification($0, host: endpoint.host) }
        let handle = try ConnectionHandle.make(tls: tls)
        try handle.open(address: address, port: endpoint.port, within: limit, endpoint: endpoint)
        state.withLock { $0.isConnected = true }
        handle.tuneSocket(userTimeout: .seconds(configuration.heartbeatSeconds * 2))
        try handle.login(configuration, endpoint: endpoint)
        let blockedReason = try handle.drainSurplus(endpoint)
        return Transport(handle, blockedReason: blockedReason)
    }
}
