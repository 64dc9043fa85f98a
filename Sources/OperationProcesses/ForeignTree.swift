internal import Glibc

/// A process that somebody else started for the agent, and everything that came from it: it can be ended and watched, not waited for.
package struct ForeignTree: Sendable {
    package let group: ProcessGroup

    /// - Parameter pid: The leader, which must be running: a process that waits for the agent's word.
    /// - Throws: ``ProcessFailure`` when it is gone.
    package init(leader pid: Int32) throws {
        guard let leader = ProcessSnapshot(pid: pid), !leader.isZombie else {
            throw ProcessFailure("Process \(pid) is gone.")
        }
        group = ProcessGroup(pid: pid, startTime: leader.startTime, boot: BootIdentifier.current)
    }

    /// Whether the leader still runs.
    package var isLeaderRunning: Bool {
        guard let leader = ProcessSnapshot(pid: group.pid) else { return false }
        return leader.startTime == group.startTime && !leader.isZombie
    }

    /// Returns when the leader has ended; also in a cancelled task not before.
    package func waitForLeader() async {
        var pause = Duration.milliseconds(5)
        while isLeaderRunning {
            await ProcessThreads.rest(pause)
            pause = min(pause * 2, .milliseconds(500))
        }
    }

    /// Asks all processes of the tree to end, and kills after `grace` what has not. Also in a cancelled task.
    package func end(grace: Duration) async {
        var known: Set<Identity> = []
        let deadline = ContinuousClock.now + grace
        var pause = Duration.milliseconds(5)
        signal(SIGTERM, to: members(&known))
        while ContinuousClock.now < deadline {
            if members(&known).isEmpty { return }
            await ProcessThreads.rest(pause)
            pause = min(pause * 2, .milliseconds(200))
        }
        // Again and again: what forks may be faster than one look around.
        for _ in 0..<100 {
            let rest = members(&known)
            if rest.isEmpty { return }
            signal(SIGKILL, to: rest)
            await ProcessThreads.rest(.milliseconds(20))
        }
    }

    /// What the leader puts into the environment of everything that it starts, so that it is found where it has left session and parent.
    private var marker: String { "OPERATIVE_PROCESS_GROUP=\(group.pid).\(group.startTime)" }

    private struct Identity: Hashable {
        let pid: Int32
        let startTime: UInt64
    }

    /// What is alive of the session, of the group, of the leader's descendants, and of those of what was known before.
    private func members(_ known: inout Set<Identity>) -> [Int32] {
        let processes = ProcessSnapshot.all().filter { !$0.isZombie }
        var found: Set<Int32> = []
        for process in processes {
            let identity = Identity(pid: process.pid, startTime: process.startTime)
            // What is older has the number of an earlier process only by chance.
            // The leader itself may not have made its session yet.
            let isOurs =
                (process.pid == group.pid || process.session == group.pid || process.group == group.pid)
                && process.startTime >= group.startTime
            if isOurs || known.contains(identity) || process.carries(marker, since: group.startTime) {
                found.insert(process.pid)
            }
        }
        var hasGrown = true
        while hasGrown {
            hasGrown = false
            for process in processes where found.contains(process.parent) && found.insert(process.pid).inserted {
                hasGrown = true
            }
        }
        for process in processes where found.contains(process.pid) {
            known.insert(Identity(pid: process.pid, startTime: process.startTime))
        }
        return found.sorted()
    }

    private func signal(_ number: Int32, to processes: [Int32]) {
        for pid in processes { _ = kill(pid, number) }
    }
}
