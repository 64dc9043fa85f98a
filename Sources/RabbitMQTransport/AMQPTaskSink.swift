internal import AMQPClient
internal import AgentExecutors
package import AgentRuntime
internal import AgentSabotage
internal import Logging

/// Replies and parked attempts on their way into the broker.
package final class AMQPTaskSink: TaskSink {
    private let connection: AMQPConnection
    private let topology: AgentTopology
    private let delays: DelayQueues
    private let timers: TimerThread
    private let dispatcher: DispatchThread
    private let logger: Logger

    /// - Parameter dispatcher: where the connection is closed by those who cannot wait for it.
    init(
        connection: AMQPConnection, topology: AgentTopology, delays: DelayQueues, timers: TimerThread,
        dispatcher: DispatchThread, logger: Logger
    ) {
        self.connection = connection
        self.topology = topology
        self.delays = delays
        self.timers = timers
        self.dispatcher = dispatcher
        self.logger = logger
    }

    package var canPark: Bool { delays.layout != nil }

    /// Cloudify agent protocol, reply: to the agent's own exchange, by the name of the reply queue; the agent's user may not use the default exchange.
    package func reply(_ reply: OutgoingReply) async -> SettlementResult {
        await publish(message(for: reply)) { error in
            // Too large for the broker, or an address that is none: it will be refused every time.
            let isFinal = error.code == .invalidMessage || error.code == .preconditionFailed
            // The exchange is declared again with the connection; anything else can only wait for an operator.
            logger.error(
                isFinal ? "The broker will never take this reply" : "The broker refuses a reply: trying again",
                metadata: [
                    "reply_to": "\(reply.address.prefix(100))", "bytes": "\(reply.body.count)", "reason": "\(error)",
                ])
            return !isFinal
        }
    }

    package func answer(_ reply: OutgoingReply, usefulFor usefulness: Duration) async {
        let message = message(for: reply)
        let clock = ContinuousClock()
        let end = clock.now + usefulness
        var pause = Duration.milliseconds(100)
        while case let left = clock.now.duration(to: end), left > .zero {
            guard case .nacked = await connection.settle(message, usefulFor: left) else { return }
            await timers.sleep(for: pause)
            pause = min(pause * 2, .seconds(10))
        }
    }

    private func message(for reply: OutgoingReply) -> AMQPMessage {
        var properties = AMQPProperties(deliveryMode: 2, correlationID: reply.correlationID)
        if reply.hasLateRecords { properties.headers = [OperativeHeader.lateRecords: .bool(true)] }
        return AMQPMessage(
            exchange: topology.exchange, routingKey: reply.address, body: reply.body, properties: properties,
            mandatory: true)
    }

    package func park(_ attempt: ParkedAttempt) async -> SettlementResult {
        guard let layout = delays.layout else { return .unroutable }
        let stay = min(attempt.delay, DelayBucket.longestStay)
        let bucket = DelayBucket(for: stay)
        let properties = AMQPProperties(
            headers: OperativeHeader.headers(for: attempt, remaining: attempt.delay - stay), deliveryMode: 2,
            correlationID: attempt.correlationID, replyTo: attempt.replyTo,
            expiration: String((Sabotage.isOn(.parkedEarly) ? stay / 2 : stay).roundedUpMilliseconds))
        let message = AMQPMessage(
            exchange: layout.name(of: bucket), routingKey: delays.returnKey, body: attempt.body,
            properties: properties, mandatory: true)
        var refusals = 0
        while refusals < 3 {
            do {
                try await delays.declare(bucket)
            } catch {
                if error.code == .stopped { return .stopped }
                // Every attempt that waits for this queue comes here, each again and again.
                logger.log(
                    level: delays.isNews(error, of: bucket) ? .error : .debug, "A delay queue cannot be declared",
                    metadata: ["reason": "\(error)"])
                if error.code == .accessRefused || error.code == .preconditionFailed { return .unroutable }
                // The broker is short of something or away: it may be able to later.
                await timers.sleep(for: .seconds(1))
                continue
            }
            let result = await publish(message) { error in
                delays.forget(bucket)
                logger.warning("A delay queue is gone: declaring it again", metadata: ["reason": "\(error)"])
                return false
            }
            guard result == .unroutable || result == .refused else { return result }
            delays.forget(bucket)
            refusals += 1
        }
        return .unroutable
    }

    package func abandon() {
        Task(executorPreference: dispatcher) { [connection] in await connection.close(within: .zero) }
    }

    /// - Parameter onRefusal: decides whether a message that closed the channel is sent once more.
    private func publish(
        _ message: AMQPMessage, onRefusal: (AMQPError) -> Bool
    ) async -> SettlementResult {
        if Sabotage.isOn(.noConfirmWait) {
            Task(executorPreference: dispatcher) { [connection] in await connection.settle(message) }
            return .confirmed
        }
        var pause = Duration.milliseconds(100)
        while true {
            switch await connection.settle(message) {
            case .confirmed: return .confirmed
            case .returned: return .unroutable
            case .stopped, .expired: return .stopped
            case .refused(let error):
                guard onRefusal(error) else { return .refused }
            case .nacked:
                logger.debug("The broker could not take a message: trying again")
            }
            await timers.sleep(for: pause)
            pause = min(pause * 2, .seconds(10))
        }
    }
}
