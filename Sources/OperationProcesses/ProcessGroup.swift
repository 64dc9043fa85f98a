/// One process group, identified in a way that a later process with the same number cannot be mistaken for it.
package struct ProcessGroup: Sendable, Hashable {
    /// The pid of its leader.
    package let pid: Int32
    /// When the leader began, in clock ticks since the machine's start: field 22 of `/proc/<pid>/stat`.
    package let startTime: UInt64
    /// `/proc/sys/kernel/random/boot_id` of that time.
    package let boot: String
    /// The session of its program, where that is another one than the leader's; nil where it is not.
    package let session: Int32?

    package init(pid: Int32, startTime: UInt64, boot: String, session: Int32? = nil) {
        self.session = session
        self.pid = pid
        self.startTime = startTime
        self.boot = boot
    }
}
