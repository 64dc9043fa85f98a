internal import AgentExecutors
internal import Logging

extension TaskPipeline {
    private static var overdueInterval: Duration { .seconds(60) }

    /// Parks attempts again that the broker should have handed back, until cancelled. The key of a task makes a second copy harmless.
    func parkOverdueAgain() async {
        var holdOff = OverdueHoldOff()
        repeat {
            // First of all what waits in the agent's own queue gets its time to come.
            await timers.sleep(for: Self.overdueInterval)
            guard !Task.isCancelled else { return }
        } while await sendOverdue(&holdOff)
    }

    /// One round.
    ///
    /// - Returns: false when the agent stopped.
    func sendOverdue(_ holdOff: inout OverdueHoldOff) async -> Bool {
        // What nobody fetches cannot come back.
        guard !gate.isClosed else { return true }
        guard holdOff.allowsRound(isDrained: await ports.operations.isDrained()) else { return true }
        let overdue = await ports.journal.overdue()
        guard !overdue.isEmpty else { return true }
        ports.logger.warning(
            "Waiting attempts did not come back from the broker: they are sent again",
            metadata: ["count": "\(overdue.count)", "first": "\(overdue[0].key.taskID)"])
        var taken = 0
        for late in overdue {
            switch await ports.sink.park(late.attempt) {
            case .confirmed: break
            case .unroutable, .refused:
                takeUp(late.attempt)
                taken += 1
            case .stopped: return false
            }
        }
        if taken > 0 {
            ports.logger.warning(
                "The broker keeps no delayed messages any more: waiting attempts are taken up as if they had come back",
                metadata: ["count": "\(taken)"])
        }
        return true
    }

    /// Its time has come, and no broker need hand it out for that. Should the agent die before it is started, it is still overdue.
    private func takeUp(_ attempt: ParkedAttempt) {
        announce()
        if case .terminated = takeUps.yield(.returned(attempt)) { idleness.leave() }
    }
}
