internal import AMQPClient
internal import Logging
internal import Synchronization

/// Finds out which delay queues the broker lets this agent have, and declares each when it is first needed.
package final class DelayQueues: Sendable {
    private struct State {
        var layout: DelayLayout?
        var declared: Set<DelayBucket> = []
        /// Why the last declaration of a queue failed, until one succeeds.
        var failing: [DelayBucket: AMQPError.Code] = [:]
    }

    /// Declares the delay queues.
    private let publishing: AMQPConnection
    /// Declares the way back. It is this connection that declares the agent's queue anew when it was deleted, and the binding must come with it.
    private let consuming: AMQPConnection
    private let topology: AgentTopology
    private let queueType: QueueType
    private let isWanted: Bool
    private let logger: Logger
    private let state = Mutex(State())

    init(
        publishing: AMQPConnection, consuming: AMQPConnection, topology: AgentTopology,
        queueType: QueueType, isWanted: Bool, logger: Logger
    ) {
        self.publishing = publishing
        self.consuming = consuming
        self.topology = topology
        self.queueType = queueType
        self.isWanted = isWanted
        self.logger = logger
    }

    /// The layout in use; nil when the broker allows none, or none is wanted.
    package var layout: DelayLayout? { state.withLock { $0.layout } }

    /// Where delayed messages return to: the agent's queue name, which is unique in a virtual host.
    var returnKey: String { topology.queue }

    /// Tries the shared layout, then the agent's own, each on a channel that may be closed over it.
    func prepare() async throws(AMQPError) {
        guard isWanted else { return }
        for layout in [DelayLayout.shared(queueType: queueType), .ofAgent(queue: topology.queue, queueType: queueType)]
        {
            do {
                try await probe(layout)
                try await consuming.declare(returnTopology(layout))
                return state.withLock { $0.layout = layout }
            } catch  where error.code == .accessRefused || error.code == .preconditionFailed {
                logger.notice(
                    "The broker refuses these delay queues",
                    metadata: ["prefix": "\(layout.prefix)", "reason": "\(error)"])
            }
        }
        logger.warning(
            "The broker keeps no delayed messages for this agent: retries are answered to the manager (as with retry.mode reply)"
        )
    }

    /// Declares a delay queue unless it is known to be there.
    func declare(_ bucket: DelayBucket) async throws(AMQPError) {
        let missing: DelayLayout? = state.withLock { state in
            state.declared.contains(bucket) ? nil : state.layout
        }
        guard let missing else { return }
        try await publishing.declare(missing.topology(of: bucket))
        state.withLock { state in
            state.declared.insert(bucket)
            state.failing[bucket] = nil
        }
    }

    /// Notes that a delay queue could not be declared.
    ///
    /// - Returns: whether it could until now, or could not for another reason.
    func isNews(_ error: AMQPError, of bucket: DelayBucket) -> Bool {
        state.withLock { $0.failing.updateValue(error.code, forKey: bucket) != error.code }
    }

    /// Takes a delay queue for gone.
    func forget(_ bucket: DelayBucket) {
        state.withLock { _ = $0.declared.remove(bucket) }
    }

    private func probe(_ layout: DelayLayout) async throws(AMQPError) {
        let wanted = [returnTopology(layout), layout.topology(of: DelayBucket(for: .zero))]
        do {
            try await publishing.withChannel { channel in
                for topology in wanted { try await channel.declare(topology) }
            }
        } catch let error as AMQPError {
            throw error
        } catch {
            throw AMQPError(.channelClosed, "probing the delay queues failed: \(error)")
        }
    }

    /// The way back for delayed messages; nil when there are none.
    var wayBack: AMQPTopology? { layout.map(returnTopology) }

    private func returnTopology(_ layout: DelayLayout) -> AMQPTopology {
        layout.returnTopology(queue: topology.operationQueue, routingKey: returnKey)
    }
}
