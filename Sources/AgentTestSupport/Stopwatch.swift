import Foundation
import Synchronization

/// Measures how long something takes, less the time that a busy machine keeps from this process.
///
/// A bound such as "closing takes less than half a second" is about the code. On a machine whose processors are taken, half a second goes by before
/// a thread is let run at all. So a thread of the watch asks for the processor, and for a place in Swift's shared pool, all the while: what it
/// has to wait for either does not count. On a quiet machine that is next to nothing, and the bound holds as it stands.
public final class Stopwatch: Sendable {
    private struct State {
        var count = LagCount(from: .now, interval: Stopwatch.interval)
        /// Which count it is: a place in the pool that was asked for before it began is none of its.
        var turn = 0
        var hasStopped = false
    }

    /// How often the watch asks. Less would itself take the processor from others.
    private static let interval = Duration.milliseconds(5)

    private let state = Mutex(State())

    /// Starts a watch. To be stopped, or dropped.
    public init() {
        Thread.detachNewThread { [weak self] in
            while true {
                Thread.sleep(forTimeInterval: Self.interval / .seconds(1))
                guard let self, self.note() else { return }
            }
        }
    }

    /// Begins to count anew.
    public func restart() {
        state.withLock { $0 = State(turn: $0.turn + 1, hasStopped: $0.hasStopped) }
    }

    /// The time that counts, up to now. At least zero.
    public func stop() -> Duration {
        let now = ContinuousClock.now
        return state.withLock { state in
            state.hasStopped = true
            return state.count.counted(at: now)
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
    private func note() -> Bool {
        let now = ContinuousClock.now
        let (goesOn, turn) = state.withLock { state -> (Bool, Int?) in
            guard !state.hasStopped else { return (false, nil) }
            state.count.threadRuns(at: now)
            return (true, state.count.wantsPlace(at: now) ? state.turn : nil)
        }
        if let turn {
            Task.detached { [weak self] in
                let now = ContinuousClock.now
                self?.state.withLock { if $0.turn == turn, !$0.hasStopped { $0.count.gotPlace(at: now) } }
            }
        }
        return goesOn
    }
}
