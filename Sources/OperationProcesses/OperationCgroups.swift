internal import CAgentShims
internal import Glibc
internal import Synchronization

/// Directories of cgroup v2 for operations that have limits, below one that was delegated to the agent.
package final class OperationCgroups: Sendable {
    private struct State {
        var count = 0
        /// Those in which something was left running.
        var inUse: Set<String> = []
    }

    private let base: String
    private let state = Mutex(State())

    /// - Parameter base: a directory of the cgroup file system in which the agent may make directories, and whose controllers are passed on to them.
    package init(base: String) {
        self.base = base
        for name in FileTree.names(in: base) where name.hasPrefix(Self.prefix) { remove("\(base)/\(name)") }
    }

    private static let prefix = "operation-"

    /// The directory that systemd has delegated to the agent (`Delegate=`), made ready; nil when there is none, or when its controllers cannot be passed on.
    package static func delegated() -> OperationCgroups? {
        guard let mount = mountPoint(), let own = ownPath(), own != "/" else { return nil }
        let directory = mount + own
        // With DelegateSubgroup= the agent is one level down, and what is delegated is above it.
        let parent = directory.lastIndex(of: "/").map { String(directory[..<$0]) } ?? directory
        for base in [directory, parent] where isDelegated(base) {
            let needed = ["memory", "pids", "cpu"]
            // Only a directory without processes of its own passes controllers on.
            if base == directory {
                let inner = "\(base)/agent"
                guard unsafe mkdir(inner, 0o755) == 0 || errno == EEXIST else { return nil }
                guard write("\(getpid())", to: "\(inner)/cgroup.procs") else { return nil }
            }
            let isReady = needed.allSatisfy { write("+\($0)", to: "\(base)/cgroup.subtree_control") }
            return isReady ? OperationCgroups(base: base) : nil
        }
        return nil
    }

    /// Makes a directory with the limits set.
    ///
    /// - Returns: its path; nil when nothing that a cgroup keeps is limited.
    func make(for limits: ProcessLimits) throws(ProcessFailure) -> String? {
        guard limits.memory != nil || limits.cpu != nil || limits.processes != nil else { return nil }
        removeUnused()
        let path = try makeDirectory()
        var values: [(String, String)] = []
        if let memory = limits.memory { values.append(("memory.max", "\(memory)")) }
        if let processes = limits.processes { values.append(("pids.max", "\(processes)")) }
        if let cpu = limits.cpu { values.append(("cpu.max", "\(max(1000, Int(cpu * 100_000))) 100000")) }
        for (file, value) in values where !Self.write(value, to: "\(path)/\(file)") {
            unsafe rmdir(path)
            throw ProcessFailure(
                "The limit \(file) cannot be set in \(path). Set limits.cgroup to none to limit each process instead.")
        }
        // What the limit keeps out of memory is not to go into swap space instead. Without any there is no such file.
        if limits.memory != nil { _ = Self.write("0", to: "\(path)/memory.swap.max") }
        return path
    }

    /// What of an operation's limits its processes have run into, in words for whoever sent it.
    func reached(in path: String, _ limits: ProcessLimits) -> [String] {
        var texts: [String] = []
        if let memory = limits.memory, let count = Self.count("oom_kill", in: "\(path)/memory.events"), count > 0 {
            texts.append(
                "limits.memory (\(memory) bytes) was used up: the system killed \(count == 1 ? "a process" : "\(count) processes") of the operation"
            )
        }
        if let processes = limits.processes, let count = Self.count("max", in: "\(path)/pids.events"), count > 0 {
            texts.append("limits.processes (\(processes)) was used up: not every process could be started")
        }
        return texts
    }

    /// A new one: in one that an earlier agent of the same pid has made, something may have been left running.
    private func makeDirectory() throws(ProcessFailure) -> String {
        while true {
            let number = state.withLock { state in
                state.count += 1
                return state.count
            }
            let path = "\(base)/\(Self.prefix)\(getpid())-\(number)"
            if unsafe mkdir(path, 0o755) == 0 { return path }
            guard errno == EEXIST else {
                throw ProcessFailure("The cgroup \(path) cannot be made. Set limits.cgroup to none to do without.")
            }
        }
    }

    /// Removes a directory. One in which something was left running stays with it, and goes some time after that has ended.
    func remove(_ path: String) {
        let isGone = unsafe rmdir(path) == 0 || errno == ENOENT
        state.withLock { state in
            if isGone { state.inUse.remove(path) } else { state.inUse.insert(path) }
        }
    }

    private func removeUnused() {
        for path in state.withLock({ $0.inUse }) { remove(path) }
    }

    private static func isDelegated(_ path: String) -> Bool {
        ["user.delegate", "trusted.delegate"].contains { (name: String) in
            unsafe agent_first_byte_of_attribute(path, name) == 0x31
        }
    }

    /// Where cgroup v2 is mounted; nil when it is not.
    private static func mountPoint() -> String? {
        lines(of: "/proc/self/mountinfo").lazy.compactMap { line -> String? in
            let halves = line.split(separator: " - ", maxSplits: 1)
            guard halves.count == 2, halves[1].hasPrefix("cgroup2 ") else { return nil }
            let fields = halves[0].split(separator: " ")
            return fields.count > 4 ? String(fields[4]) : nil
        }.first
    }

    private static func ownPath() -> String? {
        lines(of: "/proc/self/cgroup").first { $0.hasPrefix("0::") }.map { String($0.dropFirst(3)) }
    }

    private static func count(_ name: String, in file: String) -> Int? {
        lines(of: file).first { $0.hasPrefix("\(name) ") }.flatMap { Int($0.dropFirst(name.count + 1)) }
    }

    private static func lines(of path: String) -> [String] {
        guard let bytes = FileContents.read(path) else { return [] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private static func write(_ text: String, to path: String) -> Bool {
        let file = unsafe open(path, O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        let bytes = Array(text.utf8)
        return unsafe Glibc.write(file, bytes, bytes.count) == bytes.count
    }
}
