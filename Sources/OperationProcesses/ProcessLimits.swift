/// What one operation's processes may use. What is nil is not limited.
package struct ProcessLimits: Sendable, Hashable {
    /// Bytes of memory: of all processes together in a cgroup, else of address space for each of them.
    package var memory: Int?
    /// Processors, such as 0.5 or 2; kept in a cgroup only.
    package var cpu: Double?
    /// Seconds of processor time for each process, after which it is killed.
    package var cpuSeconds: Int?
    /// Open files of each process.
    package var openFiles: Int?
    /// Processes and threads: of the operation in a cgroup, else of everything that its user runs.
    package var processes: Int?

    package init(
        memory: Int? = nil, cpu: Double? = nil, cpuSeconds: Int? = nil, openFiles: Int? = nil, processes: Int? = nil
    ) {
        self.memory = memory
        self.cpu = cpu
        self.cpuSeconds = cpuSeconds
        self.openFiles = openFiles
        self.processes = processes
    }
}
