/// What the launcher is told, in the form that it reads.
enum LauncherInstructions {
    /// The length in four bytes, and a block of texts that each end with a zero byte.
    ///
    /// - Throws: ``ProcessFailure`` when the request cannot be put in that form.
    static func encode(
        _ request: ProcessRequest, cgroup: String?, grace: Duration
    ) throws(ProcessFailure) -> [UInt8] {
        guard let program = request.command.first, !program.isEmpty else {
            throw ProcessFailure("There is no command to run.")
        }
        var texts: [String] = []
        let limits = request.limits
        func add(_ key: String, _ value: some CustomStringConvertible) { texts.append("\(key)=\(value)") }
        // What a cgroup limits for all processes together needs no limit for each.
        if cgroup == nil {
            if let memory = limits.memory { add("memory", memory) }
            if let processes = limits.processes { add("processes", processes) }
        }
        if let seconds = limits.cpuSeconds { add("cpu_seconds", seconds) }
        if let openFiles = limits.openFiles { add("open_files", openFiles) }
        if let user = request.user { add("user", user) }
        if let directory = request.workingDirectory { add("directory", directory) }
        if let cgroup { add("cgroup", cgroup) }
        add("grace", grace.components.seconds * 1000 + grace.components.attoseconds / 1_000_000_000_000_000)
        texts.append("")
        texts.append("\(request.command.count)")
        texts += request.command
        let environment = request.environment
        for name in environment.keys where name.isEmpty || name.utf8.contains(UInt8(ascii: "=")) {
            throw ProcessFailure("The environment variable \(name.debugDescription) has no possible name: rename it.")
        }
        texts.append("\(environment.count)")
        texts += environment.map { "\($0)=\($1)" }
        var bytes: [UInt8] = [0, 0, 0, 0]
        for text in texts {
            guard !text.utf8.contains(0) else {
                throw ProcessFailure("The command or its environment contains a zero byte: take it out.")
            }
            bytes += text.utf8
            bytes.append(0)
        }
        // Both are of one machine, and so of one byte order.
        let length = UInt32(clamping: bytes.count - 4)
        unsafe bytes.withUnsafeMutableBytes { unsafe $0.storeBytes(of: length, as: UInt32.self) }
        return bytes
    }
}
