internal import Synchronization

/// What the supervisor is to be told, and has not been told yet.
///
/// Sending never waits. What finds no room is kept, the newest of each kind, and sent in its order before anything else: with
/// the next message, and after a pause that grows from 0.1 s to 1 s.
final class NotificationOutbox: Sendable {
    private struct Message {
        /// The assignment's name: a later message of the same kind makes this one obsolete.
        let kind: Substring
        let text: String
    }

    private struct State {
        var unsent: [Message] = []
        var isScheduled = false
        var pause = NotificationOutbox.shortestPause
    }

    private static let shortestPause = Duration.milliseconds(100)
    private static let longestPause = Duration.seconds(1)

    private let deliver: @Sendable ([UInt8]) -> Bool
    private let later: SystemdNotifier.Scheduler?
    private let state = Mutex(State())

    /// - Parameters:
    ///   - later: runs an action after a pause; nil when messages are tried again only together with later ones.
    ///   - deliver: hands a message over without waiting; false when there is no room for it.
    init(later: SystemdNotifier.Scheduler?, deliver: @escaping @Sendable ([UInt8]) -> Bool) {
        self.later = later
        self.deliver = deliver
    }

    /// Sends assignments as one message, now or as soon as it finds room.
    func send(_ assignments: [String]) {
        let kind = assignments.first?.split(separator: "=", maxSplits: 1).first ?? ""
        let message = Message(kind: kind, text: assignments.joined(separator: "\n"))
        let pause = state.withLock { state in
            state.unsent.removeAll { $0.kind == message.kind }
            state.unsent.append(message)
            return flush(&state)
        }
        schedule(after: pause)
    }

    /// Sends assignments only now: a sign of life that comes late says nothing.
    func sendOnce(_ assignments: [String]) {
        let pause = state.withLock { state in
            let pause = flush(&state)
            if state.unsent.isEmpty { _ = deliver(Array(assignments.joined(separator: "\n").utf8)) }
            return pause
        }
        schedule(after: pause)
    }

    /// - Returns: when to try again; nil when nothing is left, or somebody will try already.
    private func flush(_ state: inout State) -> Duration? {
        while let first = state.unsent.first, deliver(Array(first.text.utf8)) { state.unsent.removeFirst() }
        guard !state.unsent.isEmpty else {
            state.pause = Self.shortestPause
            return nil
        }
        guard later != nil, !state.isScheduled else { return nil }
        state.isScheduled = true
        defer { state.pause = min(state.pause * 2, Self.longestPause) }
        return state.pause
    }

    private func schedule(after pause: Duration?) {
        guard let pause, let later else { return }
        later(pause) { [weak self] in self?.tryAgain() }
    }

    private func tryAgain() {
        let pause = state.withLock { state in
            state.isScheduled = false
            return flush(&state)
        }
        schedule(after: pause)
    }
}
