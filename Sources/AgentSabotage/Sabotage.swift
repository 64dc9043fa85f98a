internal import Glibc

/// Mechanisms that can be switched off one at a time, to find out whether the tests that prove them notice (`make guarantees-bite`).
///
/// `OPERATIVE_SABOTAGE=name` switches one off. Only debug builds know it; in others nothing can be switched off. Verification of
/// TLS is not among them on purpose: no build has a switch for that.
package enum Sabotage: String, Sendable, CaseIterable {
    /// A task is acknowledged when it arrives.
    case acknowledgeOnArrival = "acknowledge-on-arrival"
    /// An acknowledgement for several messages also covers what lies between them and is not done.
    case acknowledgeBeyondGap = "acknowledge-beyond-gap"
    /// A reply or parked attempt counts as confirmed when it is handed over.
    case noConfirmWait = "no-confirm-wait"
    /// What an earlier process left in the journal is not taken up.
    case noRecovery = "no-recovery"
    /// Outcomes are not recorded, so that copies find none.
    case noOutcomeRecord = "no-outcome-record"
    /// The operation queue is not consumed exclusively.
    case noExclusiveConsumer = "no-exclusive-consumer"
    /// The journal counts as being on the disk as soon as it is in the system's cache.
    case journalWithoutSync = "journal-without-sync"
    /// After a failed sync of the journal the next one that succeeds is believed.
    case believeLaterSync = "believe-later-sync"
    /// Starts are not recorded.
    case noStartRecord = "no-start-record"
    /// Parked attempts come back after half their delay.
    case parkedEarly = "parked-early"
    /// Cancellations are not remembered.
    case noCancellationRecord = "no-cancellation-record"
    /// The journal does not take over tasks that wait.
    case noWaitingTakeover = "no-waiting-takeover"
    /// An outcome does not wait for the last log records of its operation.
    case noTelemetryFlush = "no-telemetry-flush"
    /// An outcome that had to wait for the manager does not wait for the log records that did, too.
    case noFlushAfterClosing = "no-flush-after-closing"
    /// A script that floods its log does not wait.
    case noBackPressure = "no-back-pressure"
    /// All destinations of log records and events share one lane of the spool.
    case oneTelemetryLane = "one-telemetry-lane"
    /// What waits for a slot when the agent stops is not handed back.
    case noHandingBack = "no-handing-back"
    /// The watchdog is fed whether or not the loops go on.
    case watchdogWithoutLoops = "watchdog-without-loops"
    /// The processes of an operation are not recorded when they begin.
    case noGroupRecord = "no-group-record"
    /// That the processes of an operation have ended, or are left alone, is not recorded.
    case noGroupEndRecord = "no-group-end-record"
    /// What a killed agent has left running is not ended.
    case noOrphanEnding = "no-orphan-ending"
    /// Of an operation that is cancelled only the program itself is ended.
    case noTreeEnding = "no-tree-ending"
    /// A resident parent of Python operations forks however many threads it has.
    case forkWithThreads = "fork-with-threads"
    /// Temporary directories of operations are not noted for the next start.
    case noDirectoryNotes = "no-directory-notes"
    /// An operation's `ctx` believes every token and every path.
    case anyCtxSecret = "any-ctx-secret"
    /// Processes of operations inherit everything of the agent's environment.
    case inheritEverything = "inherit-everything"
    /// Files of the state directory can be read by everybody.
    case readableFiles = "readable-files"

    #if DEBUG
    private static let chosen: Sabotage? = {
        guard let name = unsafe getenv("OPERATIVE_SABOTAGE") else { return nil }
        return Sabotage(rawValue: unsafe String(cString: name))
    }()
    #endif

    /// Whether a mechanism is switched off. Always false in release builds.
    @inline(__always)
    package static func isOn(_ sabotage: Sabotage) -> Bool {
        #if DEBUG
        return chosen == sabotage
        #else
        return false
        #endif
    }
}
