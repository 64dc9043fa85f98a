package import AgentExecutors
internal import Glibc

/// Ends the tree of a group that no launcher of this agent keeps together: of an agent that was killed, of a launcher that was, or of a
/// child that a resident parent has forked.
package struct TreeEnding: Sendable {
    /// How much longer than the grace a launcher may take before it counts as stuck.
    static let patience: Duration = .seconds(15)
    private static let shortestPause: Duration = .milliseconds(5)
    private static let longestPause: Duration = .milliseconds(200)
    private static let killing: Duration = .seconds(10)
    private static let killingPause: Duration = .milliseconds(20)

    private let timers: TimerThread
    private let grace: Duration

    package init(timers: TimerThread, grace: Duration = .seconds(5)) {
        self.timers = timers
        self.grace = grace
    }

    /// Sends SIGTERM to everybody, after the grace SIGKILL, until nothing is left. A group of an earlier start of the machine is gone. Goes on
    /// in a cancelled task: what was begun is brought to its end.
    ///
    /// - Parameter wasFollowed: whether this agent has known the leader to live up to just now; its session is certainly its own then.
    /// - Returns: whether nothing is left.
    package func end(_ group: ProcessGroup, wasFollowed: Bool = false) async -> Bool {
        guard group.boot == BootIdentifier.current else { return true }
        var members = ProcessMembers(of: group, wasFollowed: wasFollowed)
        if let leader = group.leader, leader.isLauncher { await stop(leader, of: group, &members) }
        signal(SIGTERM, members.look())
        await wait(atMost: grace, longest: Self.longestPause) { !members.look().isEmpty }
        // Again and again: what forks may be faster than one look around.
        await wait(atMost: Self.killing, longest: Self.killingPause) {
            let left = members.look()
            signal(SIGKILL, left)
            return !left.isEmpty
        }
        return members.look().isEmpty
    }

    /// A launcher that is told to stop ends what is below it.
    private func stop(_ launcher: ProcessSnapshot, of group: ProcessGroup, _ members: inout ProcessMembers) async {
        // While it lives, what it keeps together can be told by it.
        _ = members.look()
        ProcessHandle(launcher.identity)?.send(SIGTERM)
        await wait(atMost: grace + Self.patience, longest: Self.longestPause) { group.isLeaderRunning }
        ProcessHandle(launcher.identity)?.send(SIGKILL)
    }

    private func signal(_ number: Int32, _ members: [ProcessSnapshot]) {
        for member in members {
            guard let process = ProcessHandle(member.identity) else { continue }
            process.send(number)
            // What is stopped could not heed it.
            if number == SIGTERM { process.send(SIGCONT) }
        }
    }

    private func wait(atMost limit: Duration, longest: Duration, while condition: () -> Bool) async {
        let deadline = ContinuousClock.now + limit
        var pause = Self.shortestPause
        while condition(), ContinuousClock.now < deadline {
            await withCheckedContinuation { continuation in
                _ = timers.schedule(after: pause) { continuation.resume() }
            }
            pause = min(pause * 2, longest)
        }
    }
}
