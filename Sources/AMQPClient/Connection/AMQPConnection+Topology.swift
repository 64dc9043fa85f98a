internal import Logging

/// Declaring, now and after every reconnect.
extension AMQPConnection {
    /// Declares exchanges, queues and bindings, and remembers to do so again after every reconnect, before consumers start.
    ///
    /// While there is no connection it waits for one.
    ///
    /// - Throws: What the broker has against it, as ``AMQPError/Code/preconditionFailed`` for a queue that exists with other
    ///   arguments. The topology is not remembered then.
    public nonisolated func declare(_ topology: AMQPTopology) async throws(AMQPError) {
        try Limits.check(topology)
        try await add(topology)
    }

    private func add(_ topology: AMQPTopology) async throws(AMQPError) {
        while let session = await readySession() {
            do throws(AMQPError) {
                try await declare(topology, on: session)
                if !topologies.contains(topology) { topologies.append(topology) }
                return
            } catch {
                // A lost connection says nothing about the topology; a refusal does.
                if session.failure == nil { throw error }
            }
        }
        throw .stopped
    }

    /// Declares everything that is remembered. What the broker refuses now is reported and left out.
    func declareEverything(on session: Session) async {
        for topology in topologies where session.failure == nil {
            do throws(AMQPError) {
                try await declare(topology, on: session)
            } catch {
                guard session.failure == nil else { return }
                logger.warning("topology cannot be declared again", metadata: ["error": "\(error)"])
                hub.send(.channelClosed(error))
            }
        }
    }

    private func declare(_ topology: AMQPTopology, on session: Session) async throws(AMQPError) {
        let channel = try await openChannel(.probe, on: session)
        defer { close(channel) }
        for exchange in topology.exchanges {
            _ = try await call(channel, on: session) { $0.declare($1, exchange: exchange, passive: false) }
        }
        for queue in topology.queues {
            _ = try await call(channel, on: session) { $0.declare($1, queue: queue, passive: false) }
        }
        for binding in topology.bindings {
            _ = try await call(channel, on: session) { $0.bind($1, binding) }
        }
    }
}
