/// Why a task that was started before is not run again.
package enum InterruptionReason: Sendable, Hashable {
    /// The agent died while the operation ran.
    case agentDied
    /// The agent died again and again while the operation ran.
    case poison(deaths: Int)
    /// The state directory is new, so nobody knows whether the operation had been started.
    case journalLost
    /// The agent was stopped and the operation did not end within `drain_timeout`.
    case agentStopped

    package var message: String {
        switch self {
        case .agentDied:
            "The agent died while this operation was running, and the operation is not declared resumable: its effects are unknown."
        case .poison(let deaths):
            "The agent died \(deaths) times while this operation was running, the last time with nothing else beside it: it is taken for the cause and not resumed again."
        case .journalLost:
            "This task was handed out before and the agent's state directory is new, so the operation may have been started already. Set journal.lost to run to run such tasks again."
        case .agentStopped:
            "The agent was stopped and this operation did not end within drain_timeout; it is not declared resumable, so its effects are unknown."
        }
    }
}
