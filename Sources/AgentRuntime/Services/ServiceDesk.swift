internal import AgentProtocol
internal import AgentSabotage
internal import Logging
internal import Operative
internal import Synchronization

/// Answers service tasks: questions to the agent itself, which are served at once however busy the operations are.
final class ServiceDesk: Sendable {
    /// How long an answer that is no pong may be of use, when its question does not say.
    private static let patience = Duration.seconds(600)

    private let configuration: RuntimeConfiguration
    let ports: RuntimePorts
    private let pipeline: TaskPipeline
    private let outgoing = Mutex(AnswerQueue(capacity: 500, senderLimit: 16))
    let jobs = ServiceJobs()

    init(configuration: RuntimeConfiguration, ports: RuntimePorts, pipeline: TaskPipeline) {
        self.configuration = configuration
        self.ports = ports
        self.pipeline = pipeline
    }

    func process(_ message: IncomingMessage) async {
        // Not answered: the broker keeps it for the next start.
        guard let answer = await answer(to: message) else { return message.receipt.release() }
        // The task itself is done. Kept until its answer is out, it would keep a cancellation behind it away for as long as the
        // broker takes no messages.
        message.receipt.acknowledge()
        // Beside the answer, which may need what is done here to get out.
        async let done: Void? = answer.afterwards?()
        if let address = message.answerAddress { await send(answer.reply, to: address, of: message) }
        await done
    }

    private func send(_ answer: ServiceReply, to address: String, of message: IncomingMessage) async {
        await send(
            AnswerQueue.Answer(
                reply: OutgoingReply(address: address, correlationID: message.correlationID, body: answer.json),
                expiry: .now + (message.expiration ?? patience(for: answer))))
    }

    private func patience(for answer: ServiceReply) -> Duration {
        if case .pong = answer { configuration.pingPatience } else { Self.patience }
    }

    /// Sends an answer, or leaves it to those who are sending already.
    private func send(_ answer: AnswerQueue.Answer) async {
        guard outgoing.withLock({ $0.add(answer) }) else { return }
        while let next = outgoing.withLock({ $0.next(at: .now) }) {
            await ports.sink.answer(next.reply, usefulFor: ContinuousClock.now.duration(to: next.expiry))
        }
        let dropped = outgoing.withLock { $0.takeDropped() }
        guard dropped > 0 else { return }
        ports.logger.notice(
            "Answers to service tasks were dropped: the broker took no messages for longer than anybody waits",
            metadata: ["count": "\(dropped)"])
    }

    private func answer(to message: IncomingMessage) async -> ServiceAnswer? {
        switch message.body {
        case .oversized(let prefix, let size):
            return await reject(
                prefix, size: size, "The service message has \(size) bytes, more than max_message_bytes allows.")
        case .complete(let bytes):
            do throws(EnvelopeError) {
                return await perform(try ServiceTaskEnvelope(decoding: bytes))
            } catch {
                return await reject(bytes, size: UInt64(bytes.count), "The message is no service task: \(error)")
            }
        }
    }

    private func perform(_ task: ServiceTaskEnvelope) async -> ServiceAnswer? {
        switch task.taskName {
        case "ping":
            return ServiceAnswer(.pong(time: WallClock.seconds))
        case "cancel-operation":
            return ServiceAnswer(cancel(task))
        case "replace-ca-certs":
            return await replaceCertificates(task)
        case "cluster-update":
            return await updateCluster(task)
        case "install-plugin", "uninstall-plugin":
            return await changePlugin(task)
        default:
            ports.logger.warning("Unknown service task", metadata: ["task": "\(task.taskName)"])
            return ServiceAnswer(.unknownTask(task.taskName))
        }
    }

    private func cancel(_ task: ServiceTaskEnvelope) -> ServiceReply {
        guard let executionID = task.kwargs["execution_id"]?.stringValue, !executionID.isEmpty else {
            return .error("TypeError", "cancel-operation needs execution_id, a text that is not empty")
        }
        guard let reason = cancel(executionID: executionID).unwritten else { return .null }
        return .error(
            "OSError",
            """
            \(executionID) is cancelled, but the agent cannot write that down (\(reason)): it holds as long as this \
            process lives, and for good once the disk can be written.
            """)
    }

    /// Cancels everything of an execution that is in the agent's hands. To be called on the runtime's thread.
    ///
    /// One that cannot be written holds as long as this process lives, and is written when the disk takes it.
    func cancel(executionID: String) -> CancellationResult {
        var unwritten: String?
        // No other task's code runs between these two on the runtime's thread: see TaskPipeline.settle.
        do {
            if !Sabotage.isOn(.noCancellationRecord) { try ports.cancellations.record(executionID: executionID) }
            Failpoint.reach(.cancellationRecorded)
        } catch {
            unwritten = "\(error)"
            ports.logger.error(
                "A cancellation cannot be written: it is kept in memory until it can. \(error)",
                metadata: ["execution_id": "\(executionID)"])
            pipeline.storage.stopIntakeSoon("a cancellation cannot be written: \(error)")
        }
        let reached = pipeline.cancel(executionID: executionID)
        ports.logger.info("Cancelled", metadata: ["execution_id": "\(executionID)", "tasks": "\(reached)"])
        return CancellationResult(tasks: reached, unwritten: unwritten)
    }

    private func reject(_ bytes: [UInt8], size: UInt64, _ reason: String) async -> ServiceAnswer {
        ports.logger.error("Service message rejected. \(reason)")
        await ports.archive.keepRejected(bytes, size: size, reason: reason)
        return ServiceAnswer(.error("ValueError", reason))
    }
}
