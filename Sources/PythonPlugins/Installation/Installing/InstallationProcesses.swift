internal import Glibc

/// Programs that install something, of an agent that was killed: they go on without it and without its lock.
enum InstallationProcesses {
    private static let modules: Set<Substring> = ["venv", "virtualenv", "pip", "wagon"]

    /// Installers that a directory was named to, or that run from it, and that this agent has not started. Whatever else is at work there
    /// does not fill the directory: operations of the plugin that was there before, processes that wait for such, and what they have left.
    static func left(in directory: String) -> [Int32] {
        PluginFiles.names(in: "/proc").compactMap { Int32($0) }.filter { pid in
            guard let text = (try? PluginFiles.read("/proc/\(pid)/cmdline")) ?? nil else { return false }
            let arguments = text.split(separator: "\0", omittingEmptySubsequences: false)
            return arguments.contains { $0 == directory || $0.hasPrefix("\(directory)/") } && isInstaller(arguments)
                && !isOwn(pid)
        }
    }

    /// Whether a command line is one of those that make an environment or install packages: as a module, as a program of its own, or in the
    /// words of an agent.
    static func isInstaller(_ arguments: [Substring]) -> Bool {
        guard let program = arguments.first else { return false }
        if isInstaller(program) { return true }
        var rest = arguments.dropFirst()
        while let argument = rest.popFirst() {
            switch argument {
            case "-m": return rest.first.map { modules.contains($0) } ?? false
            case "-c": return rest.first?.contains("wagon.install(") ?? false
            // They have a value.
            case "-W", "-X": rest = rest.dropFirst()
            case _ where argument.hasPrefix("-"): break
            // What the interpreter runs.
            default: return isInstaller(argument)
            }
        }
        return false
    }

    /// `pip`, `pip3`, `pip3.11`, wherever it is.
    private static func isInstaller(_ program: Substring) -> Bool {
        let name = program.split(separator: "/").last ?? ""
        let end = name.lastIndex { !$0.isNumber && $0 != "." }
        return modules.contains(end.map { name[...$0] } ?? "")
    }

    /// Whether this process or one of those that it has started has started it.
    private static func isOwn(_ pid: Int32) -> Bool {
        var pid = pid
        while pid > 1 {
            if pid == getpid() { return true }
            guard let stat = (try? PluginFiles.read("/proc/\(pid)/stat")) ?? nil,
                // After the name, which may hold anything.
                let fields = stat.split(separator: ")").last?.split(separator: " "), fields.count > 1,
                let parent = Int32(fields[1])
            else { return false }
            pid = parent
        }
        return pid == getpid()
    }
}
