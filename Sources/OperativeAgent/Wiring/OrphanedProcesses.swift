internal import AgentExecutors
internal import AgentSabotage
internal import Logging
internal import OperationProcesses

/// What an agent that was killed has left of operations that it had not seen to their end.
struct OrphanedProcesses {
    let ledger: JournalProcessLedger
    let timers: TimerThread
    var grace: Duration = .seconds(5)
    let logger: Logger

    /// Ends it. To be called before the tasks of the journal are taken up again.
    func end() async {
        if Sabotage.isOn(.noOrphanEnding) { return }
        let left: [(group: ProcessGroup, owner: String)]
        do {
            left = try ledger.left()
        } catch {
            logger.error("Processes that an earlier agent has left cannot be looked up: \(error)")
            return
        }
        if !left.isEmpty {
            logger.notice(
                "Ending what an earlier agent has left running of operations", metadata: ["groups": "\(left.count)"])
        }
        await withDiscardingTaskGroup { tasks in
            for (group, owner) in left {
                tasks.addTask { await self.end(group, owner) }
            }
        }
    }

    private func end(_ group: ProcessGroup, _ owner: String) async {
        let details: Logger.Metadata = ["task": "\(owner)", "pid": "\(group.pid)"]
        guard await TreeEnding(timers: timers, grace: grace).end(group) else {
            // Its record stays for the next start.
            logger.error(
                "Processes of an operation that an earlier agent left cannot be ended: look after them by hand",
                metadata: details)
            return
        }
        await ledger.ended(group)
        logger.notice(
            "Nothing is left of an operation's processes that an earlier agent was running", metadata: details)
    }
}
