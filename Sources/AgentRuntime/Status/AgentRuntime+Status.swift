internal import AgentExecutors

extension AgentRuntime {
    /// What the runtime is doing. May be called on any thread; answers also while the runtime's own thread is busy or blocked.
    package var status: RuntimeStatus {
        var status = RuntimeStatus(slots: configuration.concurrency)
        status.isDraining = stop.isRequested
        status.problem = pipeline.storage.problem
        status.cancellations = ports.cancellations.count
        pipeline.report(into: &status)
        return status
    }

    /// Why no new tasks are taken in, in one line; nil while they are.
    package var intakeProblem: String? {
        if let problem = pipeline.storage.problem { return problem }
        return pipeline.gate.isClosed(.noRoom) ? "as many wait as the journal may hold" : nil
    }

    /// Says that ``intakeProblem`` may have changed. For one reader.
    package var intakeChanges: AsyncStream<Void> { pipeline.gate.changes }

    /// Looks whether the journal can be written, and stops taking tasks in when it cannot. Waits for the disk.
    package func checkStorage() async { await pipeline.storage.check() }

    /// Sends an answer again. Waits for the broker.
    package func resend(_ reply: OutgoingReply) async -> SettlementResult { await ports.sink.reply(reply) }

    /// A reply that was kept because it could not be delivered has been delivered by other means.
    package func delivered(keptAs id: String) async { await pipeline.undeliverable.delivered(id) }

    /// Cancels everything of an execution that is in the agent's hands, as the service task `cancel-operation` does.
    ///
    /// - Parameter completion: called on the runtime's thread with what it has come to.
    package func cancel(executionID: String, completion: @escaping @Sendable (CancellationResult) -> Void) {
        Task(executorPreference: loop) { completion(self.services.cancel(executionID: executionID)) }
    }
}
