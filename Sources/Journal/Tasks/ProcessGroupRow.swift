/// A process group that runs for a task, as the journal has it.
package struct ProcessGroupRow: Sendable, Hashable {
    /// The pid of its leader.
    package let pid: Int32
    /// When the leader began, in clock ticks since the machine's start.
    package let startTime: Int64
    /// Which start of the machine that was.
    package let boot: String
    /// The key of the task it runs for.
    package let owner: String
    /// The session of its program, where that is another one than the leader's.
    package let session: Int32?

    package init(pid: Int32, startTime: Int64, boot: String, owner: String, session: Int32? = nil) {
        self.session = session
        self.pid = pid
        self.startTime = startTime
        self.boot = boot
        self.owner = owner
    }
}
