internal import AMQPClient

extension AMQPChannel {
    /// Declares everything in a topology, in its order.
    func declare(_ topology: AMQPTopology) async throws(AMQPError) {
        for exchange in topology.exchanges { try await declare(exchange) }
        for queue in topology.queues { _ = try await declare(queue) }
        for binding in topology.bindings { try await bind(binding) }
    }
}
