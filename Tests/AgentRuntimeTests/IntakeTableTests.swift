import AgentRuntime
import Testing

@Suite("Intake table")
struct IntakeTableTests {
    private static let reply = StoredOutcome.reply([1])
    private static let retry = StoredOutcome.retry(body: [2], delay: .seconds(1))

    private func action(_ change: (inout IntakeTable.Situation) -> Void) -> IntakeTable.Action {
        var situation = IntakeTable.Situation()
        change(&situation)
        return IntakeTable.action(for: situation)
    }

    @Test("An unknown task runs, and the redelivered flag alone changes nothing")
    func unknown() {
        #expect(action { _ in } == .run(resume: false))
        #expect(action { $0.redelivered = true } == .run(resume: false))
        #expect(action { $0.journalIsFresh = true } == .run(resume: false))
    }

    @Test(
        "A copy of a task that waits or runs joins it, whatever the journal says",
        arguments: [
            JournalEntry.unknown, .interrupted(InterruptedStart()), .finished(reply, isSettled: true),
            .finished(retry, isSettled: false),
        ])
    func active(entry: JournalEntry) {
        #expect(
            action {
                $0.isActive = true
                $0.entry = entry
                $0.isCancelled = true
            } == .join)
    }

    @Test("A stored reply is sent again, settled or not")
    func storedReply() {
        for isSettled in [true, false] {
            #expect(action { $0.entry = .finished(Self.reply, isSettled: isSettled) } == .settle(Self.reply))
        }
    }

    @Test("A stored retry is published once: again only while the broker has not confirmed it")
    func storedRetry() {
        #expect(action { $0.entry = .finished(Self.retry, isSettled: false) } == .settle(Self.retry))
        #expect(action { $0.entry = .finished(Self.retry, isSettled: true) } == .acknowledge)
    }

    @Test("A task that ended silently stays silent")
    func silence() {
        for isSettled in [true, false] {
            #expect(action { $0.entry = .finished(.silence, isSettled: isSettled) } == .acknowledge)
        }
    }

    @Test("A task that the journal took over before it started runs, unless it was cancelled meanwhile")
    func waiting() {
        #expect(action { $0.entry = .waiting } == .run(resume: false))
        #expect(
            action {
                $0.entry = .waiting
                $0.isCancelled = true
            } == .endSilently)
    }

    @Test(
        "A resumable operation that ran at two deaths of the agent is resumed alone, at three it is taken for their cause",
        arguments: [
            (1, IntakeTable.Action.run(resume: true)), (2, .resumeAlone), (3, .fail(.poison(deaths: 3))),
            (7, .fail(.poison(deaths: 7))),
        ])
    func poison(deaths: Int, expected: IntakeTable.Action) {
        #expect(
            action {
                $0.entry = .interrupted(InterruptedStart(deaths: deaths))
                $0.isResumable = true
            } == expected)
    }

    @Test("An interrupted task is resumed if it can be, else it fails, and never runs as new")
    func interrupted() {
        #expect(action { $0.entry = .interrupted(InterruptedStart()) } == .fail(.agentDied))
        #expect(
            action {
                $0.entry = .interrupted(InterruptedStart())
                $0.isResumable = true
            } == .run(resume: true))
    }

    @Test("A cancelled task ends silently, interrupted or not")
    func cancelled() {
        #expect(action { $0.isCancelled = true } == .endSilently)
        #expect(
            action {
                $0.isCancelled = true
                $0.entry = .interrupted(InterruptedStart())
                $0.isResumable = true
            } == .endSilently)
    }

    @Test("With a new state directory a redelivered task fails, is resumed, or runs as journal.lost says")
    func freshJournal() {
        func fresh(_ change: (inout IntakeTable.Situation) -> Void) -> IntakeTable.Action {
            action {
                $0.journalIsFresh = true
                $0.redelivered = true
                change(&$0)
            }
        }
        #expect(fresh { _ in } == .fail(.journalLost))
        #expect(fresh { $0.lostJournalPolicy = .run } == .run(resume: false))
        #expect(fresh { $0.isResumable = true } == .run(resume: true))
        #expect(fresh { $0.isCancelled = true } == .endSilently)
    }

    @Test("Every combination of what can be known has an answer that never both runs and tells a stored outcome")
    func exhaustive() {
        let entries: [JournalEntry] = [
            .unknown, .interrupted(InterruptedStart()), .finished(Self.reply, isSettled: false),
            .finished(Self.reply, isSettled: true),
            .finished(Self.retry, isSettled: false), .finished(Self.retry, isSettled: true),
            .finished(.silence, isSettled: false), .finished(.silence, isSettled: true),
        ]
        for entry in entries {
            for bits in 0..<64 {
                let result = action {
                    $0.entry = entry
                    $0.isActive = bits & 1 != 0
                    $0.journalIsFresh = bits & 2 != 0
                    $0.redelivered = bits & 4 != 0
                    $0.isCancelled = bits & 16 != 0
                    $0.isResumable = bits & 32 != 0
                }
                if case .run = result {
                    #expect(bits & 1 == 0 && bits & 16 == 0, "an active or cancelled task must not run")
                    #expect(
                        entry == .unknown || entry == .interrupted(InterruptedStart()), "a finished task must not run")
                }
                if case .settle = result { #expect(bits & 1 == 0) }
            }
        }
    }
}
