import AgentRuntime
import Synchronization

/// Tasks handed in by a test.
final class InMemoryTaskSource: TaskSource {
    private struct State {
        var waiting: [IncomingMessage] = []
        var reader: CheckedContinuation<[IncomingMessage]?, Never>?
        var isStopped = false
        var isPaused = false
        var isDrained = true
    }

    private let state = Mutex(State())

    init() {}

    func offer(_ messages: [IncomingMessage]) {
        let reader: CheckedContinuation<[IncomingMessage]?, Never>? = state.withLock { state in
            guard !state.isStopped else { return nil }
            if let reader = state.reader {
                state.reader = nil
                return reader
            }
            state.waiting += messages
            return nil
        }
        reader?.resume(returning: messages)
    }

    func next() async -> [IncomingMessage]? {
        await withCheckedContinuation { continuation in
            let ready: [IncomingMessage]?? = state.withLock { state in
                if !state.waiting.isEmpty {
                    defer { state.waiting = [] }
                    return .some(state.waiting)
                }
                if state.isStopped { return .some(nil) }
                state.reader = continuation
                return nil
            }
            if let ready { continuation.resume(returning: ready) }
        }
    }

    /// Whether the runtime wants no messages at present.
    var isPaused: Bool { state.withLock { $0.isPaused } }

    var isStopped: Bool { state.withLock { $0.isStopped } }

    func pause() async {
        let unread = state.withLock { state in
            state.isPaused = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for message in unread { message.receipt.release() }
    }

    func resume() { state.withLock { $0.isPaused = false } }

    /// Says whether a broker would have more to hand out.
    func setDrained(_ isDrained: Bool) { state.withLock { $0.isDrained = isDrained } }

    func isDrained() async -> Bool { state.withLock { $0.isDrained } }

    func stop() async {
        let (reader, unread) = state.withLock { state in
            state.isStopped = true
            defer {
                state.reader = nil
                state.waiting = []
            }
            return (state.reader, state.waiting)
        }
        for message in unread { message.receipt.release() }
        reader?.resume(returning: nil)
    }
}
