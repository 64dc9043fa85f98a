import Synchronization

/// The log of a process, line by line, and whoever waits for a line of it.
final class LogLines: Sendable {
    private struct Waiter {
        let text: String
        let times: Int
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var lines: [String] = []
        var hasEnded = false
        var waiters: [Waiter] = []
        var endWaiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    var text: String { state.withLock { $0.lines.joined(separator: "\n") } }

    func count(_ text: String) -> Int { state.withLock { $0.lines.count { $0.contains(text) } } }

    func add(_ line: String) {
        let satisfied = state.withLock { state in
            state.lines.append(line)
            func isSatisfied(_ waiter: Waiter) -> Bool {
                line.contains(waiter.text) && state.lines.count { $0.contains(waiter.text) } >= waiter.times
            }
            let satisfied = state.waiters.filter(isSatisfied)
            state.waiters = state.waiters.filter { !isSatisfied($0) }
            return satisfied
        }
        for waiter in satisfied { waiter.continuation.resume(returning: true) }
    }

    func end() {
        let (waiters, endWaiters) = state.withLock { state in
            state.hasEnded = true
            defer {
                state.waiters = []
                state.endWaiters = []
            }
            return (state.waiters, state.endWaiters)
        }
        for waiter in waiters { waiter.continuation.resume(returning: false) }
        for waiter in endWaiters { waiter.resume() }
    }

    /// Waits for so many lines with `text` in them, also for those that have come already.
    ///
    /// - Returns: false when the process ended without one.
    func contains(_ text: String, times: Int = 1) async -> Bool {
        await withCheckedContinuation { continuation in
            let result: Bool? = state.withLock { state in
                if state.lines.count(where: { $0.contains(text) }) >= times { return true }
                if state.hasEnded { return false }
                state.waiters.append(Waiter(text: text, times: times, continuation: continuation))
                return nil
            }
            if let result { continuation.resume(returning: result) }
        }
    }

    /// Waits for the end of the process.
    func untilEnd() async {
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLock { state in
                if !state.hasEnded { state.endWaiters.append(continuation) }
                return state.hasEnded
            }
            if hasEnded { continuation.resume() }
        }
    }
}
