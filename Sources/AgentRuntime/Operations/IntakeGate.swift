internal import Synchronization

/// Whether tasks are taken in: only while nobody has a reason against it.
final class IntakeGate: Sendable {
    enum Reason: Sendable, Hashable {
        /// As many tasks wait as the journal may hold.
        case noRoom
        /// The journal cannot be written.
        case noStorage
    }

    private struct State {
        var reasons: Set<Reason> = []
        var isPaused = false
        /// The source is being paused: whoever closes meanwhile waits for the same pause, whoever opens leaves it to him who pauses.
        var isPausing = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    /// Says that the reasons have changed.
    let changes: AsyncStream<Void>
    private let change: AsyncStream<Void>.Continuation
    private let source: any TaskSource
    private let state = Mutex(State())

    init(source: any TaskSource) {
        self.source = source
        (changes, change) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Whether nothing is taken in, for whatever reason.
    var isClosed: Bool { state.withLock { !$0.reasons.isEmpty } }

    /// Whether nothing is taken in for this reason.
    func isClosed(_ reason: Reason) -> Bool { state.withLock { $0.reasons.contains(reason) } }

    /// Takes nothing in until `open`. Returns when nothing more comes, whoever was the first to close.
    ///
    /// - Returns: whether the gate was not closed for this reason before.
    @discardableResult func close(_ reason: Reason) async -> Bool {
        let (isNew, mustPause) = state.withLock { state in
            let isNew = state.reasons.insert(reason).inserted
            guard !state.isPaused, !state.isPausing else { return (isNew, false) }
            state.isPausing = true
            return (isNew, true)
        }
        change.yield()
        if mustPause {
            await source.pause()
            endPause()
        } else {
            await pauseToEnd()
        }
        return isNew
    }

    func open(_ reason: Reason) {
        state.withLock { state in
            state.reasons.remove(reason)
            resume(&state)
        }
        change.yield()
    }

    private func endPause() {
        let waiting = state.withLock { state in
            state.isPausing = false
            state.isPaused = true
            resume(&state)
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Under the lock: otherwise somebody who closes now could have paused before this resumes.
    private func resume(_ state: inout State) {
        guard state.reasons.isEmpty, state.isPaused else { return }
        state.isPaused = false
        source.resume()
    }

    private func pauseToEnd() async {
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLock { state in
                if state.isPausing { state.waiting.append(continuation) }
                return !state.isPausing
            }
            if hasEnded { continuation.resume() }
        }
    }
}
