internal import AgentSabotage

extension TaskPipeline {
    var runningCount: Int { board.all.count { $0.phase == .running } }

    /// Cancels everything of an execution that is in the agent's hands.
    ///
    /// - Returns: how many tasks it reached.
    func cancel(executionID: String) -> Int {
        defer { slots.lookAgain() }
        return board.tasks(ofExecution: executionID).count { $0.cancel(grace: configuration.cancellationGrace) }
    }

    /// Sends everything that waits for a slot back to the broker.
    func handBackWaiting() { if !Sabotage.isOn(.noHandingBack) { slots.close() } }

    func interruptRunning(grace: Duration) {
        for task in board.all { task.interrupt(.agentStopping, grace: grace) }
    }

    var isIdle: Bool { idleness.isZero }

    /// Returns when no task is in the agent's hands.
    func untilIdle() async { await idleness.untilZero() }
}
