import Foundation
import Synchronization

/// Measures how long something takes, less the time that a busy machine keeps from this process.
///
/// A bound such as "closing takes less than half a second" is about the code. On a machine whose processors are taken, half a second goes by before
/// a thread is let run at all. So a thread of the watch asks for the processor, and for a place in Swift's shared pool, all the while: what it
/// has to wait for either does not count. On a quiet machine that is next to nothing, and the bound holds as it stands.
public final class Stopwatch: Sendable {
    private struct State {
        var began = ContinuousClock.now
        var threadLag = Duration.zero
        var poolLag = Duration.zero
        /// When the place in the pool was asked for; nil while none is.
        var asked: ContinuousClock.Instant?
        var hasStopped = false
    }

    /// How often the watch asks. Less would itself take the processor from others.
    private static let interval = Duration.milliseconds(5)

    private let state = Mutex(State())

    /// Starts a watch. To be stopped, or dropped.
    public init() {
        Thread.detachNewThread { [weak self] in
            var before = ContinuousClock.now
            while true {
                Thread.sleep(forTimeInterval: Self.interval / .seconds(1))
                guard let self else { return }
                let now = ContinuousClock.now
                guard self.note(now - before - Self.interval, now) else { return }
                before = now
            }
        }
    }

    /// Begins to count anew.
    public func restart() {
        state.withLock { $0 = State(hasStopped: $0.hasStopped) }
    }

    /// The time that counts, up to now. At least zero.
    public func stop() -> Duration {
        let now = ContinuousClock.now
        return state.withLock { state in
            state.hasStopped = true
            let lag = max(state.threadLag, state.poolLag + (state.asked.map { now - $0 } ?? .zero))
            return max(.zero, now - state.began - lag)
        }
    }

    /// The time that counts of what `body` does.
    public static func measure(_ body: () async throws -> Void) async rethrows -> Duration {
        let watch = Stopwatch()
        defer { _ = watch.stop() }
        try await body()
        return watch.stop()
    }

    /// - Returns: false when nobody measures any more.
    private func note(_ late: Duration, _ now: ContinuousClock.Instant) -> Bool {
        let (goesOn, asks) = state.withLock { state in
            guard !state.hasStopped else { return (false, false) }
            state.threadLag += max(late, .zero)
            guard state.asked == nil else { return (true, false) }
            state.asked = now
            return (true, true)
        }
        if asks {
            Task.detached { [weak self] in
                let now = ContinuousClock.now
                self?.state.withLock { state in
                    guard let asked = state.asked, !state.hasStopped else { return }
                    state.poolLag += now - asked
                    state.asked = nil
                }
            }
        }
        return goesOn
    }
}
