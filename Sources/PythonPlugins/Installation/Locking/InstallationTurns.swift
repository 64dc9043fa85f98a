internal import Synchronization

/// Lets one task at a time do something under a name, in the order of arrival. Whoever is cancelled while waiting stops waiting.
package final class InstallationTurns: Sendable {
    private struct Waiter {
        let number: Int
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        /// The names that somebody holds, with those who wait for them.
        var held: [String: [Waiter]] = [:]
        /// Waiters that were cancelled before they waited.
        var cancelled: Set<Int> = []
        var count = 0
    }

    private let state = Mutex(State())

    /// Nobody holds anything.
    package init() {}

    /// Does something once it is this task's turn.
    ///
    /// - Throws: `CancellationError` when the task is cancelled before; else what `body` throws.
    package func withTurn<Result>(_ name: String, _ body: () async throws -> Result) async throws -> Result {
        try await take(name)
        defer { giveUp(name) }
        return try await body()
    }

    private func take(_ name: String) async throws {
        let number = state.withLock { state -> Int? in
            guard state.held[name] != nil else {
                state.held[name] = []
                return nil
            }
            state.count += 1
            return state.count
        }
        guard let number else { return }
        let isMine = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                wait(for: name, number, continuation)
            }
        } onCancel: {
            cancel(number, name)
        }
        // What cancelled before waiting left behind is of no use any more.
        state.withLock { _ = $0.cancelled.remove(number) }
        guard isMine else { throw CancellationError() }
        guard Task.isCancelled else { return }
        giveUp(name)
        throw CancellationError()
    }

    private func wait(for name: String, _ number: Int, _ continuation: CheckedContinuation<Bool, Never>) {
        let answer = state.withLock { state -> Bool? in
            if state.cancelled.contains(number) { return false }
            guard state.held[name] != nil else {
                state.held[name] = []
                return true
            }
            state.held[name]?.append(Waiter(number: number, continuation: continuation))
            return nil
        }
        if let answer { continuation.resume(returning: answer) }
    }

    private func cancel(_ number: Int, _ name: String) {
        let waiter = state.withLock { state -> Waiter? in
            guard let index = state.held[name]?.firstIndex(where: { $0.number == number }) else {
                state.cancelled.insert(number)
                return nil
            }
            return state.held[name]?.remove(at: index)
        }
        waiter?.continuation.resume(returning: false)
    }

    private func giveUp(_ name: String) {
        let next = state.withLock { state -> Waiter? in
            guard let waiting = state.held[name], !waiting.isEmpty else {
                state.held[name] = nil
                return nil
            }
            return state.held[name]?.removeFirst()
        }
        next?.continuation.resume(returning: true)
    }
}
