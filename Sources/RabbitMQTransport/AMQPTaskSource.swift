internal import AMQPClient
package import AgentRuntime
internal import Synchronization

/// A queue of the broker as a source of tasks.
package final class AMQPTaskSource: TaskSource {
    private let connection: AMQPConnection
    private let deliveries = Mutex<AMQPDeliveries?>(nil)
    private let isConsuming = Signal()

    init(connection: AMQPConnection) { self.connection = connection }

    func consume(_ consumer: AMQPConsumer) async throws(AMQPError) {
        let started = try await connection.consume(consumer)
        deliveries.withLock { $0 = started }
        isConsuming.set()
    }

    package func next() async -> [IncomingMessage]? {
        await isConsuming.wait()
        guard let deliveries = deliveries.withLock({ $0 }) else { return nil }
        var batches = deliveries.batches.makeAsyncIterator()
        return await batches.next()?.map(Self.message)
    }

    package func stop() async {
        if let deliveries = deliveries.withLock({ $0 }) { await connection.cancel(deliveries, requeueBuffered: true) }
        isConsuming.set()
    }

    private static func message(_ delivery: AMQPDelivery) -> IncomingMessage {
        let properties = delivery.properties
        let body: IncomingMessage.Body =
            switch delivery.body {
            case .complete(let bytes): .complete(bytes)
            case .oversized(let prefix, let size): .oversized(prefix: prefix, size: size)
            }
        return IncomingMessage(
            body: body, replyTo: properties.replyTo, correlationID: properties.correlationID,
            // Once the consumer was taken up again, the flag can stem from this very process, which knows what it has started.
            redelivered: delivery.redelivered && delivery.isFirstConsumption,
            parked: OperativeHeader.mark(in: properties.headers),
            answersCancellation: OperativeHeader.answersCancellation(properties.headers),
            receipt: AMQPReceipt(delivery: delivery))
    }
}
