internal import AMQPClient
internal import RabbitMQTransport

/// One task on its way to an agent, and what comes back.
struct TaskExchange {
    let manager: ManagerConnection
    let draft: TaskDraft
    let printer: TelemetryPrinter

    /// Sends the task; the broker has it when this returns.
    func send(over connection: AMQPConnection) async throws {
        try await publish(replyTo: nil, over: connection)
    }

    /// Sends the task and waits for its reply, printing log records and events meanwhile.
    ///
    /// - Parameter limit: nil waits for ever.
    func sendAndWait(over connection: AMQPConnection, within limit: Duration?) async throws -> ReceivedReply {
        let reply = manager.replyQueue(correlationID: draft.id)
        try await connection.declare(reply.topology)
        let telemetryQueue = "operative-send-\(Identifier.random())"
        try await connection.declare(Self.telemetryTopology(queue: telemetryQueue))
        let records = try await connection.consume(AMQPConsumer(queue: telemetryQueue, prefetch: 500))
        let replies = try await connection.consume(AMQPConsumer(queue: reply.name, prefetch: 1))
        return try await withThrowingTaskGroup(of: ReceivedReply?.self) { group in
            group.addTask {
                for await record in records {
                    record.acknowledge()
                    // Our own mark behind everything that was sent before the reply.
                    if record.properties.type == Self.endMark { return nil }
                    printer.show(record.body.bytes)
                }
                return nil
            }
            group.addTask {
                for await delivery in replies {
                    delivery.acknowledge()
                    return ReceivedReply(delivery.body.bytes)
                }
                return nil
            }
            if let limit {
                group.addTask {
                    try await Task.sleep(for: limit)
                    throw CommandFailure(message: "no reply within \(limit)", status: ExitStatus.unavailable)
                }
            }
            defer { group.cancelAll() }
            try await publish(replyTo: reply.name, over: connection)
            var received: ReceivedReply?
            while let next = try await group.next() {
                guard let next else { break }
                received = next
                connection.send(Self.mark(for: telemetryQueue)) { _ in }
            }
            guard let received else {
                throw CommandFailure(
                    message: "the connection ended before the reply came", status: ExitStatus.unavailable)
            }
            return received
        }
    }

    private func publish(replyTo: String?, over connection: AMQPConnection) async throws {
        let properties = AMQPProperties(
            headers: [OperativeHeader.answerCancelled: true], deliveryMode: 2, correlationID: draft.id, replyTo: replyTo
        )
        let outcome = try await connection.publish(
            AMQPMessage(
                exchange: manager.topology.exchange, routingKey: AgentTopology.operationKey,
                body: draft.body(queue: manager.topology.queue), properties: properties, mandatory: true))
        switch outcome {
        case .confirmed: return
        case .returned: throw manager.noSuchAgent
        case .refused(let error) where error.code == .notFound: throw manager.noSuchAgent
        case .refused(let error): throw error
        case .nacked, .stopped, .expired:
            throw CommandFailure(message: "the broker did not take the task", status: ExitStatus.unavailable)
        }
    }

    private static let endMark = "operative.end"

    private static func mark(for queue: String) -> AMQPMessage {
        AMQPMessage(
            exchange: "", routingKey: queue, body: [], properties: AMQPProperties(type: endMark), mandatory: false)
    }

    private static func telemetryTopology(queue: String) -> AMQPTopology {
        AMQPTopology(
            exchanges: [
                AMQPExchange(name: AgentTopology.logExchange, type: "fanout"),
                AMQPExchange(name: AgentTopology.eventExchange, type: "topic"),
            ],
            queues: [AMQPQueue(name: queue, durable: false, exclusive: true)],
            bindings: [
                AMQPBinding(queue: queue, exchange: AgentTopology.logExchange),
                AMQPBinding(queue: queue, exchange: AgentTopology.eventExchange, routingKey: "events.#"),
            ])
    }
}
