internal import Glibc

/// Programs that install something, of an agent that was killed: they go on without it and without its lock.
enum InstallationProcesses {
    /// Those that a directory was named to, or that run from it; operations of the plugin that was there before do not count.
    static func working(in directory: String) -> [Int32] {
        PluginFiles.names(in: "/proc").compactMap { Int32($0) }.filter { pid in
            guard pid != getpid(), let text = (try? PluginFiles.read("/proc/\(pid)/cmdline")) ?? nil else {
                return false
            }
            let arguments = text.split(separator: "\0")
            return arguments.contains { $0 == directory || $0.hasPrefix("\(directory)/") }
                && !arguments.contains("cloudify.dispatch")
        }
    }
}
