internal import AgentProtocol
internal import Logging
internal import Operative

/// Answers service tasks: questions to the agent itself, which are served at once however busy the operations are.
final class ServiceDesk: Sendable {
    private let ports: RuntimePorts
    private let pipeline: TaskPipeline

    init(ports: RuntimePorts, pipeline: TaskPipeline) {
        self.ports = ports
        self.pipeline = pipeline
    }

    func process(_ message: IncomingMessage) async {
        let answer = await answer(to: message)
        guard let address = message.answerAddress else { return message.receipt.acknowledge() }
        let reply = OutgoingReply(address: address, correlationID: message.correlationID, body: answer.json)
        // Whoever asked may have gone meanwhile: an answer that nobody waits for is of no use later.
        guard await ports.sink.reply(reply) != .stopped else { return }
        message.receipt.acknowledge()
    }

    private func answer(to message: IncomingMessage) async -> ServiceReply {
        switch message.body {
        case .oversized(let prefix, let size):
            return await reject(
                prefix, size: size, "The service message has \(size) bytes, more than max_message_bytes allows.")
        case .complete(let bytes):
            do throws(EnvelopeError) {
                return perform(try ServiceTaskEnvelope(decoding: bytes))
            } catch {
                return await reject(bytes, size: UInt64(bytes.count), "The message is no service task: \(error)")
            }
        }
    }

    private func perform(_ task: ServiceTaskEnvelope) -> ServiceReply {
        switch task.taskName {
        case "ping":
            return .pong(time: WallClock.seconds)
        case "cancel-operation":
            return cancel(task)
        case "replace-ca-certs", "cluster-update", "install-plugin", "uninstall-plugin":
            let text = "This agent has no service task '\(task.taskName)' yet."
            ports.logger.warning("\(text)")
            return .error("NotImplementedError", text)
        default:
            ports.logger.warning("Unknown service task", metadata: ["task": "\(task.taskName)"])
            return .unknownTask(task.taskName)
        }
    }

    private func cancel(_ task: ServiceTaskEnvelope) -> ServiceReply {
        guard let executionID = task.kwargs["execution_id"]?.stringValue, !executionID.isEmpty else {
            return .error("TypeError", "cancel-operation needs execution_id, a text that is not empty")
        }
        _ = cancel(executionID: executionID)
        return .null
    }

    /// Cancels everything of an execution that is in the agent's hands. To be called on the runtime's thread.
    ///
    /// - Returns: how many tasks it reached.
    func cancel(executionID: String) -> Int {
        // No other task's code runs between these two on the runtime's thread: see TaskPipeline.settle.
        do {
            try ports.cancellations.record(executionID: executionID)
            Failpoint.reach(.cancellationRecorded)
        } catch {
            ports.logger.error(
                "A cancellation could not be kept on disk: attempts that wait in the broker will run. \(error)",
                metadata: ["execution_id": "\(executionID)"])
        }
        let reached = pipeline.cancel(executionID: executionID)
        ports.logger.info("Cancelled", metadata: ["execution_id": "\(executionID)", "tasks": "\(reached)"])
        return reached
    }

    private func reject(_ bytes: [UInt8], size: UInt64, _ reason: String) async -> ServiceReply {
        ports.logger.error("Service message rejected. \(reason)")
        await ports.archive.keepRejected(bytes, size: size, reason: reason)
        return .error("ValueError", reason)
    }
}
