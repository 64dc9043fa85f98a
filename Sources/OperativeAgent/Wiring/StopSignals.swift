internal import Synchronization
internal import UnixSignals

/// Counts SIGTERM and SIGINT from the agent's first moment to its last. What one means depends on how far the agent has come, so whoever is in charge listens.
final class StopSignals: Sendable {
    private struct State {
        var count = 0
        var listener: (@Sendable (Int) -> Void)?
    }

    private let state = Mutex(State())

    /// Traps both signals around `body`.
    func listening<Output: Sendable>(_ body: () async throws -> Output) async rethrows -> Output {
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        return try await withThrowingTaskGroup { group in
            group.addTask { for await _ in signals { self.note() } }
            defer { group.cancelAll() }
            return try await body()
        }
    }

    /// Puts `listener` in charge: it is told the number of each signal from now on, counted from one, and at once the last number when there was any.
    func onSignal(_ listener: @escaping @Sendable (Int) -> Void) {
        let count = state.withLock { state in
            state.listener = listener
            return state.count
        }
        if count > 0 { listener(count) }
    }

    /// Takes the listener out of charge: the next one hears of what comes in between.
    ///
    /// - Returns: how many signals have come.
    func handOver() -> Int {
        state.withLock { state in
            state.listener = nil
            return state.count
        }
    }

    func note() {
        let (count, listener) = state.withLock { state in
            state.count += 1
            return (state.count, state.listener)
        }
        listener?(count)
    }
}
