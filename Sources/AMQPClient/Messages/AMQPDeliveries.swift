/// The deliveries of one consumer.
///
/// Several tasks may take from the same sequence; each delivery goes to one of them. The sequence survives reconnects and
/// ends when the consumer is cancelled by its owner or the connection is closed.
public struct AMQPDeliveries: AsyncSequence, Sendable {
    /// A delivery.
    public typealias Element = AMQPDelivery
    /// The sequence does not fail: what goes wrong is repaired, and told in ``AMQPConnection/events``.
    public typealias Failure = Never

    let buffer: DeliveryBuffer

    /// Takes deliveries one by one.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let buffer: DeliveryBuffer

        /// The next delivery; nil at the end, or when the task is cancelled.
        public mutating func next() async -> AMQPDelivery? { await buffer.next() }

        /// The next delivery; nil at the end, or when the task is cancelled.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws(Never) -> AMQPDelivery? {
            await buffer.next()
        }
    }

    /// Starts to take deliveries.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(buffer: buffer) }

    /// The same deliveries, as many at a time as have arrived: fewer switches between tasks under load.
    public var batches: Batches { Batches(buffer: buffer) }

    /// Deliveries in batches of at least one.
    public struct Batches: AsyncSequence, Sendable {
        /// A batch, in the order of delivery.
        public typealias Element = [AMQPDelivery]
        /// The sequence does not fail.
        public typealias Failure = Never

        let buffer: DeliveryBuffer

        /// Takes deliveries batch by batch.
        public struct AsyncIterator: AsyncIteratorProtocol {
            let buffer: DeliveryBuffer

            /// The next batch; nil at the end, or when the task is cancelled.
            public mutating func next() async -> [AMQPDelivery]? { await buffer.nextBatch() }

            /// The next batch; nil at the end, or when the task is cancelled.
            public mutating func next(isolation actor: isolated (any Actor)?) async throws(Never) -> [AMQPDelivery]? {
                await buffer.nextBatch()
            }
        }

        /// Starts to take batches.
        public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(buffer: buffer) }
    }
}
