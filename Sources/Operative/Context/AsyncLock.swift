import Synchronization

/// Lets one asynchronous section run at a time, in the order of arrival. Whoever is cancelled while waiting stops waiting.
package final class AsyncLock: Sendable {
    private struct Waiter {
        let number: Int
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var isHeld = false
        var waiting: [Waiter] = []
        var lastNumber = 0

        mutating func take() -> Bool {
            if isHeld { return false }
            isHeld = true
            return true
        }
    }

    private let state = Mutex(State())

    package init() {}

    /// Runs `body` once nobody else holds the lock.
    ///
    /// - Throws: `CancellationError` when the task is cancelled while it waits; else what `body` throws.
    package func withLock<Result>(_ body: () async throws -> Result) async throws -> Result {
        try await acquire()
        defer { release() }
        return try await body()
    }

    private func acquire() async throws {
        let number = state.withLock { state -> Int? in
            if state.take() { return nil }
            state.lastNumber += 1
            return state.lastNumber
        }
        guard let number else { return }
        let isMine = await withTaskCancellationHandler {
            await withCheckedContinuation { wait($0, as: number) }
        } onCancel: {
            stopWaiting(number)
        }
        guard isMine else { throw CancellationError() }
        guard Task.isCancelled else { return }
        release()
        throw CancellationError()
    }

    private func wait(_ continuation: CheckedContinuation<Bool, Never>, as number: Int) {
        let answer = state.withLock { state -> Bool? in
            // Asked for here, where a cancellation that comes later finds the waiter.
            if Task.isCancelled { return false }
            if state.take() { return true }
            state.waiting.append(Waiter(number: number, continuation: continuation))
            return nil
        }
        if let answer { continuation.resume(returning: answer) }
    }

    private func stopWaiting(_ number: Int) {
        let waiter = state.withLock { state in
            state.waiting.firstIndex { $0.number == number }.map { state.waiting.remove(at: $0) }
        }
        waiter?.continuation.resume(returning: false)
    }

    private func release() {
        let next = state.withLock { state -> Waiter? in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.isHeld = false
            return nil
        }
        next?.continuation.resume(returning: true)
    }
}
