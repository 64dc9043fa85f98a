internal import AMQPClient
internal import AgentExecutors
internal import ArgumentParser
internal import Operative
internal import RabbitMQTransport

struct PingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ping", abstract: "Asks an agent whether it is alive.",
        discussion: "Exit code 0 with the time the answer took, 69 when there is none.")

    @OptionGroup var options: ConfigurationOptions

    @Option(help: ArgumentHelp("How long to wait for the answer, in seconds.", valueName: "seconds"))
    var timeout = 10.0

    func validate() throws {
        guard timeout > 0, timeout < 1e6 else {
            throw ValidationError("--timeout: expected a number of seconds above 0.")
        }
    }

    func run() async throws {
        try await CommandFailure.reporting {
            let manager = ManagerConnection(configuration: try options.load(), role: "ping")
            let elapsed = try await manager.run { try await ping(manager, over: $0) }
            StandardOutput.write("\(manager.topology.queue) is alive (\(elapsed))\n")
        }
    }

    private func ping(_ manager: ManagerConnection, over connection: AMQPConnection) async throws -> Duration {
        let correlationID = Identifier.random()
        let reply = manager.replyQueue(correlationID: correlationID)
        try await connection.declare(reply.topology)
        let deliveries = try await connection.consume(AMQPConsumer(queue: reply.name, prefetch: 1))
        let clock = ContinuousClock()
        let start = clock.now
        let limit = Duration.seconds(timeout)
        // Expires with our patience: nobody reads a later answer.
        let message = AMQPMessage(
            exchange: manager.topology.exchange, routingKey: AgentTopology.serviceKey,
            body: Array(#"{"service_task": {"task_name": "ping", "kwargs": {}}}"#.utf8),
            properties: AMQPProperties(
                deliveryMode: 2, correlationID: correlationID, replyTo: reply.name,
                expiration: String(limit.roundedUpMilliseconds)),
            mandatory: true)
        guard case .confirmed = try await connection.publish(message) else { throw manager.noSuchAgent }
        let answered = await firstAnswer(of: deliveries, within: limit)
        guard answered else {
            throw CommandFailure(
                message: "\(manager.topology.queue) did not answer within \(limit)", status: ExitStatus.unavailable)
        }
        return clock.now - start
    }

    private func firstAnswer(of deliveries: AMQPDeliveries, within limit: Duration) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                for await delivery in deliveries {
                    delivery.acknowledge()
                    if (try? PropertyValue(json: delivery.body.bytes))?["time"] != nil { return true }
                }
                return false
            }
            group.addTask {
                try? await Task.sleep(for: limit)
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
    }
}
