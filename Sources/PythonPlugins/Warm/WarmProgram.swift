internal import AgentSabotage
import OperationProcesses

/// The Python side of the warm dispatcher. It is part of the agent's own executable: an installed agent needs no further file.
enum WarmProgram {
    static let source: [UInt8] = {
        guard Sabotage.isOn(.forkWithThreads) else { return PackageResources.warm_parent_py }
        // In debug builds only.
        let text = String(decoding: PackageResources.warm_parent_py, as: UTF8.self)
        return Array(text.replacing(#"if len(os.listdir("/proc/self/task")) != 1:"#, with: "if False:").utf8)
    }()

    /// Reads the program from standard input, so that neither its text is in the list of processes nor a file on disk.
    static let loader = """
        import os, sys
        size = int(sys.argv[1])
        text = b""
        while len(text) < size:
            part = os.read(0, size - len(text))
            if not part:
                os._exit(0)
            text += part
        program = {"__name__": "operative_warm_parent"}
        exec(compile(text, "<operative warm parent>", "exec"), program)
        program["main"](sys.argv[2:])
        """

    static func arguments(files: [String]) -> [String] { ["-u", "-c", loader, String(source.count)] + files }

    /// Room for the mark by which an operation's processes are found: a child writes its own over it, so that it is also found in those that it
    /// forks and that start no program.
    static func environment(_ variables: [String: String]) -> [String: String] {
        variables.merging([ProcessGroup.marker: String(repeating: "0", count: 32)]) { $1 }
    }
}
