/// What belongs to a group. It remembers what it has found, because that may lose every sign of it later.
struct ProcessMembers {
    private let group: ProcessGroup
    private var known: Set<ProcessSnapshot.Identity> = []
    /// Whether the sessions of the group's numbers are certainly its own. A number stays taken while a session of it has members.
    private let areSessionsOurs: Bool

    /// - Parameter wasFollowed: whether this agent has known the leader to live up to just now.
    init(of group: ProcessGroup, wasFollowed: Bool) {
        self.group = group
        areSessionsOurs = wasFollowed
    }

    /// What is alive now: the leader, what carries the group's mark, what was known before, and all of the sessions of these and all that descends
    /// from them.
    ///
    /// Nothing of it is older than the leader. Whatever belongs to the group is in the leader's session or in one that was made in the group, so all of
    /// such a session does. One of which only the number is known counts while that cannot be a later one's: where this agent has followed the
    /// group, or where no number can have been given twice.
    mutating func look() -> [ProcessSnapshot] {
        look(at: ProcessSnapshot.all(), areNumbersUnique: PIDNumbers.areUnique) { [mark = group.mark] in
            $0.carries(mark)
        }
    }

    /// The same of given processes.
    mutating func look(
        at processes: [ProcessSnapshot], areNumbersUnique: @autoclosure () -> Bool,
        carriesMark: (ProcessSnapshot) -> Bool
    ) -> [ProcessSnapshot] {
        let young = processes.filter { $0.startTime >= group.startTime }
        var found = Set(
            young.filter { process in
                process.identity == leader || known.contains(process.identity) || carriesMark(process)
            }.map(\.pid))
        var sessions: Set<Int32> = []
        if areSessionsOurs || areNumbersUnique() {
            let others = processes.filter { process in
                process.identity != leader && (process.startTime < group.startTime || process.pid == group.pid)
            }
            sessions = Set([group.pid, group.session].compactMap { $0 }).subtracting(others.map(\.pid))
        }
        var hasGrown = true
        while hasGrown {
            hasGrown = false
            for process in young {
                let isMember =
                    found.contains(process.pid) || found.contains(process.parent) || sessions.contains(process.session)
                guard isMember else { continue }
                if found.insert(process.pid).inserted { hasGrown = true }
                // The leader may be about to leave the session of whoever has forked it; one outside of this container has no number.
                let hasOwnSession = process.pid != group.pid || process.session == group.pid
                if hasOwnSession, process.session > 1, sessions.insert(process.session).inserted { hasGrown = true }
            }
        }
        let members = young.filter { found.contains($0.pid) }
        known.formUnion(members.map(\.identity))
        return members
    }

    private var leader: ProcessSnapshot.Identity {
        ProcessSnapshot.Identity(pid: group.pid, startTime: group.startTime)
    }
}
