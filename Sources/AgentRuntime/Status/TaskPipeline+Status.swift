internal import AgentExecutors
internal import AgentProtocol

extension TaskPipeline {
    /// What goes on at this moment. Takes locks that nobody holds while waiting, and needs no thread but the caller's.
    func report(into status: inout RuntimeStatus) {
        status.busySlots = slots.busy
        (status.roomTaken, status.roomSize) = custody.room
        status.isRoomFull = gate.isClosed(.noRoom)
        let onBoard = board.all
        let known = Set(onBoard.map(ObjectIdentifier.init))
        let abandoned = activity.report(into: &status).filter { !known.contains(ObjectIdentifier($0)) }
        status.tasks = (onBoard + abandoned).map(\.status).sorted {
            ($0.phase.rank, $0.since) < ($1.phase.rank, $1.since)
        }
        status.waitsFor = slots.loner.flatMap { loner in
            let task = (onBoard + abandoned).first { $0.ticket === loner.ticket }
            return task.map { solitude(of: $0, loner, in: status) }
        }
    }

    private func solitude(of task: ActiveTask, _ loner: SlotPool.Loner, in status: RuntimeStatus) -> String {
        let name = "\(task.envelope.taskName) (task \(task.key.taskID)), which the agent died of more than once,"
        let others = status.tasks.count { $0.phase == .waiting } - (loner.isRunning ? 0 : 1)
        let behind = others == 1 ? "1 task waits" : "\(others) tasks wait"
        if loner.isRunning { return "\(name) runs alone; \(behind) for it to end" }
        guard let runsAt = loner.runsAt else { return "\(name) is to run alone and waits for a slot" }
        let rest = max(0, runsAt.duration(since: status.taken).components.seconds)
        let busy = status.busySlots == 1 ? "1 operation" : "\(status.busySlots) operations"
        return "\(name) is to run alone: it waits for \(busy) to end, at most \(rest) s more; \(behind) behind it"
    }
}

extension ActiveTask {
    fileprivate var status: TaskStatus {
        let (phase, since) = phaseAndStart
        return TaskStatus(
            taskID: key.taskID, retryNumber: key.retryNumber, operation: envelope.taskName,
            executionID: envelope.executionID, phase: phase, since: since, isCancelled: isCancelled)
    }

    private var phaseAndStart: (TaskStatus.Phase, MonotonicInstant) {
        // It has held its slot since it began, and that is what somebody who looks at a stuck operation wants to know.
        if isStuck { return (.stuck, began ?? arrived) }
        switch phase {
        case .waiting: return (.waiting, arrived)
        case .running: return (.running, began ?? arrived)
        case .settling: return (.settling, settling ?? began ?? arrived)
        }
    }
}
