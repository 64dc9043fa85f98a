import Synchronization

@testable import Journal

/// A wall clock that a test sets.
final class TestClock: Sendable {
    private let milliseconds = Mutex<Int64>(1_700_000_000_000)

    var now: @Sendable () -> Int64 { { self.milliseconds.withLock { $0 } } }

    func advance(by duration: Duration) { milliseconds.withLock { $0 += duration.wholeMilliseconds } }
}
