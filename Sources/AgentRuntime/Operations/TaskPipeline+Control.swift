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

    /// Starts nothing any more. What waits is kept until `handBackWaiting()`.
    func stopStarting() {
        if !Sabotage.isOn(.noHandingBack) { slots.freeze() }
        stopping.set()
        for task in board.all { task.interruptWait(in: .waiting) }
    }

    /// Waits for no manager any more: what it was not told stays in the journal.
    func giveUpManagers() {
        givingUp.set()
        for task in board.all { task.interruptWait() }
    }

    /// Sends everything that waits for a slot back to the broker. To be called when nothing is consumed any more: the broker would hand it out to this agent again.
    func handBackWaiting() { if !Sabotage.isOn(.noHandingBack) { slots.close() } }

    func interruptRunning(grace: Duration) {
        for task in board.all { task.interrupt(.agentStopping, grace: grace) }
    }

    var isIdle: Bool { idleness.isZero }

    /// Returns when no task is in the agent's hands.
    func untilIdle() async { await idleness.untilZero() }
}
