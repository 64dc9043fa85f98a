internal import Glibc
internal import Synchronization

/// Named steps of a task's way at which a test can have the process die, as if it were killed there.
///
/// `OPERATIVE_FAILPOINT=name@count` kills the process with SIGKILL when it reaches the step for the `count`th time. Only debug
/// builds know it; in others the calls cost nothing and do nothing.
package enum Failpoint: String, Sendable, CaseIterable {
    /// A message was decoded and is on the board.
    case arrived
    /// It has a slot, and no record of its start yet.
    case slotTaken = "slot-taken"
    /// Its start is recorded, its first instruction not run.
    case started
    /// Its operation has ended, and nobody knows yet.
    case ended
    /// Its outcome is recorded, not sent.
    case finished
    /// The tail of its log is out, its outcome not.
    case flushed
    /// The broker has its reply.
    case replied
    /// The broker has its next attempt.
    case parked
    /// Its settlement is on its way into the journal, its message not acknowledged.
    case settled
    /// Its message is acknowledged.
    case acknowledged
    /// The journal has taken it over, the broker not been told.
    case kept
    /// What an earlier process left is about to be taken up.
    case recovering
    /// A cancellation is recorded, and nothing cancelled yet.
    case cancellationRecorded = "cancellation-recorded"

    #if DEBUG
    private static let target: (name: String, count: Int)? = {
        guard let text = unsafe getenv("OPERATIVE_FAILPOINT") else { return nil }
        let parts = unsafe String(cString: text).split(separator: "@")
        guard let name = parts.first else { return nil }
        return (String(name), parts.dropFirst().first.flatMap { Int($0) } ?? 1)
    }()
    private static let hits = Atomic(0)
    #endif

    /// Ends the process here when that was asked for.
    @inline(__always)
    package static func reach(_ point: Failpoint) {
        #if DEBUG
        guard let target, target.name == point.rawValue,
            hits.add(1, ordering: .relaxed).newValue == target.count
        else { return }
        kill(getpid(), SIGKILL)
        // The signal may take a moment; nothing more is to happen here.
        while true { pause() }
        #endif
    }
}
