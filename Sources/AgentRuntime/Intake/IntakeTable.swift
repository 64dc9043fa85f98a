/// What to do with a task that has just arrived: one pure function over what is known of it.
package enum IntakeTable {
    /// What is known when a task arrives.
    package struct Situation: Sendable, Hashable {
        /// The same task waits or runs in this process.
        package var isActive = false
        package var entry = JournalEntry.unknown
        /// The journal is new and cannot know what an earlier process did.
        package var journalIsFresh = false
        package var redelivered = false
        package var isCancelled = false
        package var isResumable = false
        package var lostJournalPolicy = LostJournalPolicy.fail
        /// A manager may have a record that says whether the operation was begun.
        package var hasRecord = false

        package init() {}
    }

    package enum Action: Sendable, Hashable {
        /// Wait for a slot, then run.
        case run(resume: Bool)
        /// Wait for a slot, then do what the manager's record of the operation says.
        case runAsRecorded
        /// Run, resumed, while nothing else runs: whenever it ran before, the agent died.
        case resumeAlone
        /// The same work is under way: acknowledge this copy together with the original.
        case join
        /// Publish the stored outcome again, then acknowledge.
        case settle(StoredOutcome)
        /// It was cancelled: no reply, unless the sender asked for one.
        case endSilently
        /// Everything is done: acknowledge, publish nothing.
        case acknowledge
        /// Answer that an earlier start of this task was interrupted.
        case fail(InterruptionReason)
    }

    /// An operation that was running at so many deaths of the agent is run once more, alone.
    package static let deathsOfSuspect = 2
    /// One that was running at so many is taken for their cause.
    package static let deathsOfPoison = 3

    package static func action(for situation: Situation) -> Action {
        if situation.isActive { return .join }
        switch situation.entry {
        case .finished(.silence, _), .finished(.retry, isSettled: true):
            return .acknowledge
        case .finished(let outcome, _):
            return .settle(outcome)
        case .waiting:
            return situation.isCancelled ? .endSilently : .run(resume: false)
        case .interrupted(let start):
            if situation.isCancelled { return .endSilently }
            guard situation.isResumable else { return .fail(.agentDied) }
            if start.deaths >= deathsOfPoison { return .fail(.poison(deaths: start.deaths)) }
            return start.deaths >= deathsOfSuspect ? .resumeAlone : .run(resume: true)
        case .unknown:
            if situation.isCancelled { return .endSilently }
            guard situation.journalIsFresh, situation.redelivered else { return .run(resume: false) }
            if situation.hasRecord { return .runAsRecorded }
            if situation.isResumable { return .run(resume: true) }
            return situation.lostJournalPolicy == .run ? .run(resume: false) : .fail(.journalLost)
        }
    }
}
