internal import CAgentShims
internal import Glibc

/// The descriptors of one run: those that the program writes to, and those that the agent reads.
struct ProcessOutlets {
    /// The launcher's end of its socket.
    let launcher: Int32
    /// The agent's end.
    let control: Int32
    let output: Int32
    let error: Int32
    /// What the agent reads of them; empty when the output goes to a file.
    let inlets: [ProcessSource: Int32]

    /// Two pipes, or one.
    static func pipes(merged: Bool) throws(ProcessFailure) -> ProcessOutlets {
        var made = DescriptorList()
        let control = try made.pair("sockets") { unsafe agent_make_socket_pair(&$0) }
        let output = try made.pair("pipes") { unsafe agent_make_pipe(&$0) }
        let error: (Int32, Int32)? = merged ? nil : try made.pair("pipes") { unsafe agent_make_pipe(&$0) }
        let errorEnd = if let error { error.1 } else { try made.duplicate(output.1) }
        made.keep()
        var inlets: [ProcessSource: Int32] = [.output: output.0]
        if let error { inlets[.error] = error.0 }
        return ProcessOutlets(
            launcher: control.1, control: control.0, output: output.1, error: errorEnd, inlets: inlets)
    }

    /// Both channels to the end of a file, which is made for its owner alone when absent.
    static func file(_ path: String?) throws(ProcessFailure) -> ProcessOutlets {
        var made = DescriptorList()
        let control = try made.pair("sockets") { unsafe agent_make_socket_pair(&$0) }
        let output = try made.open(path ?? "/dev/null")
        let error = try made.duplicate(output)
        made.keep()
        return ProcessOutlets(launcher: control.1, control: control.0, output: output, error: error, inlets: [:])
    }
}

/// Descriptors that are closed unless all that were wanted could be had.
private struct DescriptorList: ~Copyable {
    private var all: [Int32] = []

    mutating func pair(
        _ what: String, _ make: (inout [Int32]) -> Int32
    ) throws(ProcessFailure) -> (Int32, Int32) {
        var ends: [Int32] = [-1, -1]
        guard make(&ends) == 0 else { throw Self.failure("No \(what) for a process") }
        all += ends
        return (ends[0], ends[1])
    }

    mutating func duplicate(_ descriptor: Int32) throws(ProcessFailure) -> Int32 {
        let copy = agent_duplicate(descriptor)
        guard copy >= 0 else { throw Self.failure("No descriptor for a process") }
        all.append(copy)
        return copy
    }

    mutating func open(_ path: String) throws(ProcessFailure) -> Int32 {
        let file = unsafe Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Self.failure("\(path) cannot be written") }
        all.append(file)
        return file
    }

    /// Leaves them open.
    mutating func keep() { all = [] }

    deinit { for descriptor in all { close(descriptor) } }

    private static func failure(_ what: String) -> ProcessFailure {
        let remedy = errno == EMFILE || errno == ENFILE ? " Raise the limit of open files (LimitNOFILE=)." : ""
        return unsafe ProcessFailure("\(what): \(String(cString: strerror(errno))).\(remedy)")
    }
}
