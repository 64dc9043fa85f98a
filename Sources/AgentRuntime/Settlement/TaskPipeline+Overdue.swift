internal import AgentExecutors
internal import Logging

extension TaskPipeline {
    private static var overdueInterval: Duration { .seconds(60) }

    /// Parks attempts again that the broker should have handed back, until cancelled. The key of a task makes a second copy harmless.
    func parkOverdueAgain() async {
        while true {
            // First of all what waits in the agent's own queue gets its time to come.
            await timers.sleep(for: Self.overdueInterval)
            guard !Task.isCancelled else { return }
            for overdue in await ports.journal.overdue() {
                ports.logger.warning(
                    "A waiting attempt did not come back from the broker: it is sent again",
                    metadata: ["task_id": "\(overdue.key.taskID)", "retry": "\(overdue.key.retryNumber)"])
                guard await ports.sink.park(overdue.attempt) != .stopped else { return }
            }
        }
    }
}
