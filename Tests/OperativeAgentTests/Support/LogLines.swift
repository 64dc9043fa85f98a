import Synchronization

/// The log of a process, line by line, and whoever waits for a line of it.
final class LogLines: Sendable {
    private struct Waiter {
        let text: String
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
            defer { state.waiters.removeAll { line.contains($0.text) } }
            return state.waiters.filter { line.contains($0.text) }
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

    /// Waits for a line with `text` in it, also one that has come already.
    ///
    /// - Returns: false when the process ended without one.
    func contains(_ text: String) async -> Bool {
        await withCheckedContinuation { continuation in
            let result: Bool? = state.withLock { state in
                if state.lines.contains(where: { $0.contains(text) }) { return true }
                if state.hasEnded { return false }
                state.waiters.append(Waiter(text: text, continuation: continuation))
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
