package import AgentExecutors

/// What the runtime is doing at one moment: a value, taken without waiting for anything but short locks.
package struct RuntimeStatus: Sendable, Hashable {
    /// The agent was told to stop and takes no more tasks.
    package var isDraining = false
    /// What keeps the runtime from taking tasks, in one line; nil when nothing does.
    package var problem: String?
    /// How many of the waiting tasks the journal has taken over.
    package var roomTaken = 0
    /// How many it may take over.
    package var roomSize = 0
    /// It was full, and no tasks are taken in until half of it is free.
    package var isRoomFull = false
    /// What waits for what, in one line; nil when every task waits for nothing but a slot.
    package var waitsFor: String?
    /// How many operations may run at once.
    package var slots: Int
    /// How many slots are taken, also by stuck operations.
    package var busySlots = 0
    /// What is in the agent's hands, longest first.
    package var tasks: [TaskStatus] = []
    /// What ended lately, newest first.
    package var recent: [RecentOutcome] = []
    /// How many attempts have ended since the process began, by how.
    package var ended: [OutcomeKind: Int] = [:]
    /// Of how many executions the agent remembers that they were cancelled.
    package var cancellations = 0
    /// When it was taken.
    package var taken: MonotonicInstant

    package init(slots: Int, taken: MonotonicInstant = .now) {
        self.slots = slots
        self.taken = taken
    }

    /// How many tasks are in this phase.
    package func count(_ phase: TaskStatus.Phase) -> Int { tasks.count { $0.phase == phase } }
}
