import Synchronization

/// A point in time that one task notes and another reads.
final class Moment: Sendable {
    private let instant = Mutex<ContinuousClock.Instant?>(nil)

    func note(_ now: ContinuousClock.Instant) { instant.withLock { $0 = now } }
    func time(_ fallback: ContinuousClock.Instant) -> ContinuousClock.Instant { instant.withLock { $0 } ?? fallback }
}
