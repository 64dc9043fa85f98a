internal import AgentExecutors
internal import AgentProtocol

extension TaskPipeline {
    /// What goes on at this moment. Takes locks that nobody holds while waiting, and needs no thread but the caller's.
    func report(into status: inout RuntimeStatus) {
        status.busySlots = slots.busy
        let onBoard = board.all
        let known = Set(onBoard.map(ObjectIdentifier.init))
        let abandoned = activity.report(into: &status).filter { !known.contains(ObjectIdentifier($0)) }
        status.tasks = (onBoard + abandoned).map(\.status).sorted { $0.since < $1.since }
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
