package import AgentExecutors
internal import Glibc

/// Ends the tree of a group whose launcher this agent is not connected to: of an agent that was killed, or of a launcher that was.
package struct TreeEnding: Sendable {
    /// How much longer than the grace a launcher may take before it counts as stuck.
    static let patience: Duration = .seconds(15)
    private static let pause: Duration = .milliseconds(50)
    private static let killing: Duration = .seconds(10)

    private let timers: TimerThread
    private let grace: Duration

    package init(timers: TimerThread, grace: Duration = .seconds(5)) {
        self.timers = timers
        self.grace = grace
    }

    /// Sends SIGTERM to everybody, after the grace SIGKILL, until nothing is left. A group of an earlier start of the machine is gone.
    ///
    /// - Returns: whether nothing is left.
    package func end(_ group: ProcessGroup) async -> Bool {
        guard group.boot == ProcessIdentity.boot else { return true }
        // A launcher that is told to stop ends what is below it.
        if Self.send(SIGTERM, to: group) {
            // Any other leader, a child of a resident parent, ends nothing but itself and gets no more time than what is below it.
            let limit = ProcessIdentity.isLauncher(group.pid) ? grace + Self.patience : grace
            await wait(atMost: limit) { ProcessIdentity.isAlive(group) }
            _ = Self.send(SIGKILL, to: group)
        }
        guard signalMembers(of: group, SIGTERM) else { return true }
        await wait(atMost: grace) { !ProcessIdentity.members(of: group).isEmpty }
        await wait(atMost: Self.killing) { signalMembers(of: group, SIGKILL) }
        return ProcessIdentity.members(of: group).isEmpty
    }

    /// Returns whether there were any.
    private func signalMembers(of group: ProcessGroup, _ signal: Int32) -> Bool {
        let members = ProcessIdentity.members(of: group)
        for member in members { _ = Self.send(signal, to: member) }
        return !members.isEmpty
    }

    private func wait(atMost limit: Duration, while condition: () -> Bool) async {
        let deadline = ContinuousClock.now + limit
        while condition(), ContinuousClock.now < deadline { await pause() }
    }

    /// Goes on when the task is cancelled: what was begun is brought to its end.
    private func pause() async {
        await withCheckedContinuation { continuation in
            _ = timers.schedule(after: Self.pause) { continuation.resume() }
        }
    }

    private static func send(_ signal: Int32, to group: ProcessGroup) -> Bool {
        guard let handle = ProcessHandle(group) else { return false }
        handle.send(signal)
        return true
    }
}
