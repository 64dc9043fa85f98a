extension AgentConfiguration {
    /// What the processes of one operation may use. What is nil is not limited.
    public struct Limits: Sendable, Hashable {
        /// `limits.memory`, in bytes
        public let memory: Int?
        /// `limits.cpu_percent`; 100 is one processor
        public let cpuPercent: Int?
        /// `limits.cpu_time`
        public let cpuTime: Duration?
        /// `limits.open_files`
        public let openFiles: Int?
        /// `limits.processes`
        public let processes: Int?
        /// `limits.cgroup`: whether a delegated cgroup is used
        public let usesCgroup: Bool
    }

    /// Operations in Python.
    public struct Python: Sendable, Hashable {
        /// How a function is started.
        public enum Dispatcher: String, Sendable, CaseIterable {
            /// By a process that has imported the plugin and forks.
            case warm
            /// By a new Python.
            case cold
        }

        /// `python.interpreter`: nil when not set.
        public let interpreter: String?
        /// `python.dispatcher`
        public let dispatcher: Dispatcher
        /// `python.warm.idle`
        public let warmIdle: Duration
        /// `python.warm.operations`
        public let warmOperations: Int
        /// `python.warm.parents`
        public let warmParents: Int
    }

    /// The processes that run for operations.
    public struct Operations: Sendable, Hashable {
        /// `scripts.enabled`: whether the agent runs scripts.
        public let runsScripts: Bool
        /// `operation.user`: nil for the agent's own.
        public let user: String?
        /// `libexec`: nil for where the agent's own program is.
        public let libexec: String?
        /// `limits`
        public let limits: Limits
        /// `python`
        public let python: Python
    }
}

extension ConfigurationLoader {
    mutating func operations() throws(ConfigurationError) -> AgentConfiguration.Operations {
        let runsScripts = try reader.boolean(.scriptsEnabled)
        let user = try reader.optionalText(.operationUser)
        let libexec = try reader.optionalText(.libexec)
        let cgroup: CgroupUse = try reader.choice(.limitsCgroup)
        let limits = AgentConfiguration.Limits(
            memory: try reader.given(.limitsMemory) ? reader.size(.limitsMemory) : nil,
            cpuPercent: try reader.given(.limitsCPUPercent) ? reader.integer(.limitsCPUPercent) : nil,
            cpuTime: try reader.given(.limitsCPUTime) ? reader.duration(.limitsCPUTime) : nil,
            openFiles: try reader.given(.limitsOpenFiles) ? reader.integer(.limitsOpenFiles) : nil,
            processes: try reader.given(.limitsProcesses) ? reader.integer(.limitsProcesses) : nil,
            usesCgroup: cgroup == .auto)
        let python = AgentConfiguration.Python(
            interpreter: try reader.optionalText(.pythonInterpreter), dispatcher: try reader.choice(.pythonDispatcher),
            warmIdle: try reader.duration(.pythonWarmIdle), warmOperations: try reader.integer(.pythonWarmOperations),
            warmParents: try reader.integer(.pythonWarmParents))
        if let interpreter = python.interpreter, !interpreter.hasPrefix("/") {
            throw reader.error(
                .pythonInterpreter, "\(OneLine.quoted(interpreter)) does not begin with a slash",
                remedy: "write the whole path, such as /usr/bin/python3")
        }
        return AgentConfiguration.Operations(
            runsScripts: runsScripts, user: user, libexec: libexec, limits: limits, python: python)
    }

    private enum CgroupUse: String {
        case auto
        case none
    }
}
