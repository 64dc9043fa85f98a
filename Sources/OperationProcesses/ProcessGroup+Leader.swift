extension ProcessGroup {
    /// The name of the variable by which what belongs to a group can be told, wherever it went.
    package static let marker = "OPERATIVE_PROCESS_GROUP"

    /// The variable with its value, as it is in the environments of the group's processes.
    var mark: String { "\(Self.marker)=\(pid).\(startTime)" }

    /// The group of a process that runs, and leads a session or is about to.
    ///
    /// - Parameter session: that of its program, where that is another one.
    /// - Throws: ``ProcessFailure`` when it is gone.
    package init(leader pid: Int32, session: Int32? = nil) throws(ProcessFailure) {
        guard let leader = ProcessSnapshot(pid: pid) else { throw ProcessFailure("Process \(pid) is gone.") }
        self.init(pid: pid, startTime: leader.startTime, boot: BootIdentifier.current, session: session)
    }

    /// Whether the leader itself still runs, and not another process of the same number.
    package var isLeaderRunning: Bool { leader != nil }

    var leader: ProcessSnapshot? {
        guard boot == BootIdentifier.current, let leader = ProcessSnapshot(pid: pid) else { return nil }
        return leader.startTime == startTime ? leader : nil
    }

    /// Returns when the leader has ended; also in a cancelled task not before.
    package func waitForLeader() async {
        var pause = Duration.milliseconds(5)
        while isLeaderRunning {
            await ProcessThreads.rest(pause)
            pause = min(pause * 2, .milliseconds(500))
        }
    }
}
