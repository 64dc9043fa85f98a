import Synchronization

/// Time that passes when the test says so.
final class ManualClock: Sendable {
    private struct State {
        var sleeper: CheckedContinuation<Void, Never>?
        var slept: [Duration] = []
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// How long the sleeps were to be, so far.
    var slept: [Duration] { state.withLock { $0.slept } }

    /// Sleeps until `tick()`.
    func sleep(_ duration: Duration) async {
        await withCheckedContinuation { continuation in
            let waiter = state.withLock { state in
                state.sleeper = continuation
                state.slept.append(duration)
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?.resume()
        }
    }

    /// Waits until somebody sleeps.
    func untilAsleep() async {
        await withCheckedContinuation { continuation in
            let isAsleep = state.withLock { state in
                if state.sleeper == nil { state.waiter = continuation }
                return state.sleeper != nil
            }
            if isAsleep { continuation.resume() }
        }
    }

    /// Ends the sleep, and waits for the next one.
    func tick() async {
        wake()
        await untilAsleep()
    }

    /// Ends the sleep.
    func wake() {
        let sleeper = state.withLock { state in
            defer { state.sleeper = nil }
            return state.sleeper
        }
        sleeper?.resume()
    }
}
