/// A process that has begun.
package struct RunningProcess: Sendable {
    /// The pid of the program itself; it leads a session and a process group of its own.
    package let pid: Int32

    package init(pid: Int32) { self.pid = pid }
}
