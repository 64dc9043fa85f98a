internal import AMQPClient
internal import AgentExecutors
package import AgentRuntime
internal import Synchronization

/// A queue of the broker as a source of tasks.
package final class AMQPTaskSource: TaskSource {
    private struct State {
        var consumer: AMQPConsumer?
        var deliveries: AMQPDeliveries?
        var isPaused = false
        var isStopped = false
        /// Somebody is taking up consuming again: one at a time, so that there are never two consumers.
        var isResuming = false
        /// How often intake was paused.
        var pauses = 0
        /// A message that was given back comes again with the flag of a redelivery, which says nothing about a start then.
        var doubt = RedeliveryDoubt()
        /// Set when there are deliveries to be had, and when there never will be.
        var isConsuming = Signal()
    }

    private static let pauseBeforeResuming = Duration.seconds(1)

    private let connection: AMQPConnection
    private let timers: TimerThread
    private let dispatcher: DispatchThread
    private let state = Mutex(State())

    /// - Parameter dispatcher: where consuming is taken up again.
    init(connection: AMQPConnection, timers: TimerThread, dispatcher: DispatchThread) {
        self.connection = connection
        self.timers = timers
        self.dispatcher = dispatcher
    }

    func consume(_ consumer: AMQPConsumer) async throws(AMQPError) {
        let started = try await connection.consume(consumer)
        let (isUnwanted, signal) = state.withLock { state in
            state.consumer = consumer
            guard !state.isPaused, !state.isStopped else { return (true, state.isConsuming) }
            state.deliveries = started
            return (false, state.isConsuming)
        }
        if isUnwanted { return await connection.cancel(started, requeueBuffered: true) }
        signal.set()
    }

    package func next() async -> [IncomingMessage]? {
        while true {
            let signal = state.withLock { $0.isConsuming }
            await signal.wait()
            let (deliveries, pauses) = state.withLock { ($0.deliveries, $0.pauses) }
            if let deliveries {
                var batches = deliveries.batches.makeAsyncIterator()
                if let batch = await batches.next() { return messages(batch) }
            }
            // The end of deliveries is the end of all, unless intake was paused, and perhaps resumed, meanwhile.
            guard state.withLock({ !$0.isStopped && ($0.isPaused || $0.pauses > pauses) }) else { return nil }
        }
    }

    package func pause() async {
        let deliveries: AMQPDeliveries? = state.withLock { state in
            guard !state.isPaused, !state.isStopped else { return nil }
            state.isPaused = true
            state.pauses += 1
            // One that was never set has somebody waiting for it.
            if state.isConsuming.isSet { state.isConsuming = Signal() }
            defer { state.deliveries = nil }
            return state.deliveries
        }
        if let deliveries { await connection.cancel(deliveries, requeueBuffered: true) }
    }

    package func resume() {
        let mustWork = state.withLock { state in
            guard state.isPaused else { return false }
            state.isPaused = false
            defer { state.isResuming = true }
            return !state.isResuming
        }
        if mustWork { Task(executorPreference: dispatcher) { await self.consumeAgain() } }
    }

    /// Consumes as soon as the broker lets it, unless that is not wanted any more by then.
    private func consumeAgain() async {
        while let consumer = state.withLock({ state -> AMQPConsumer? in
            guard !state.isPaused, !state.isStopped, state.deliveries == nil else {
                state.isResuming = false
                return nil
            }
            return state.consumer
        }) {
            do throws(AMQPError) {
                try await consume(consumer)
            } catch  where error.code == .stopped {
                return
            } catch {
                await timers.sleep(for: Self.pauseBeforeResuming)
            }
        }
    }

    package func isDrained() async -> Bool {
        guard let queue = state.withLock({ $0.consumer?.queue }) else { return false }
        let state = try? await connection.withChannel { channel in try await channel.inspect(queue: queue) }
        return state?.messageCount == 0
    }

    package func stop() async {
        let (deliveries, signal) = state.withLock { state in
            state.isStopped = true
            return (state.deliveries, state.isConsuming)
        }
        if let deliveries { await connection.cancel(deliveries, requeueBuffered: true) }
        signal.set()
    }

    private func messages(_ batch: [AMQPDelivery]) -> [IncomingMessage] {
        state.withLock { state in
            batch.map { Self.message($0, redelivered: state.doubt.mayHaveBegun($0)) }
        }
    }

    private static func message(_ delivery: AMQPDelivery, redelivered: Bool) -> IncomingMessage {
        let properties = delivery.properties
        let body: IncomingMessage.Body =
            switch delivery.body {
            case .complete(let bytes): .complete(bytes)
            case .oversized(let prefix, let size): .oversized(prefix: prefix, size: size)
            }
        return IncomingMessage(
            body: body, replyTo: properties.replyTo, correlationID: properties.correlationID,
            expiration: properties.expiration.flatMap(Int.init).map { .milliseconds(max(0, $0)) },
            redelivered: redelivered,
            parked: OperativeHeader.mark(in: properties.headers),
            answersCancellation: OperativeHeader.answersCancellation(properties.headers),
            receipt: AMQPReceipt(delivery: delivery))
    }
}
