internal import Operative

/// What an agent is told that was installed by a Cloudify manager: the command line, the environment and the `broker_config.json` of its
/// service, as the Python worker reads them.
///
/// It becomes the lowest layer of the settings: a configuration file, `OPERATIVE_…` variables and `--set` go on top of it.
public struct CloudifyDaemon: Sendable {
    /// The log file of the agent, and when a new one is begun.
    public struct LogFile: Sendable, Hashable {
        /// `$AGENT_LOG_DIR/<name>.log`
        public let path: String
        /// `$AGENT_LOG_MAX_BYTES`; 0 for no limit.
        public let maxBytes: Int
        /// `$AGENT_LOG_MAX_HISTORY`: how many older files are kept.
        public let maxHistory: Int
    }

    /// The agent's name: `--name`, else `$AGENT_NAME`, else the queue.
    public let name: String
    /// `$AGENT_WORK_DIR`
    public let workDirectory: String
    /// Where the daemon's own file, `<name>.json`, lies; nil when nobody says and the user has no home.
    public let storageDirectory: String?
    /// The certificates that may sign the manager's REST certificate: `$LOCAL_REST_CERT_FILE`. Nil when it is not set.
    public let restCAFile: String?
    /// Nil without `$AGENT_LOG_DIR`.
    public let logFile: LogFile?

    /// What the service's environment and files say, in Operative's own settings.
    let settings: [String: SettingValue]
    /// What the service's command line says.
    let arguments: [String: SettingValue]

    /// `$AGENT_WORK_DIR/broker_config.json`
    public var brokerConfigFile: String { "\(workDirectory)/broker_config.json" }

    /// Reads the environment and the file that it leads to.
    ///
    /// - Parameters:
    ///   - name: `--name`
    ///   - queue: `--queue`
    ///   - maxWorkers: `--max-workers`
    ///   - environment: The process environment.
    /// - Throws: The first problem found.
    public init(
        name: String?, queue: String, maxWorkers: String, environment: [String: String]
    ) throws(ConfigurationError) {
        let variables = DaemonVariables(environment)
        let name = Self.name(name, queue: queue, environment: environment)
        guard let workDirectory = variables["AGENT_WORK_DIR"] else {
            throw variables.error(
                "AGENT_WORK_DIR", "is not set",
                remedy: "name the directory with broker_config.json, as the service file of a Cloudify agent does")
        }
        self.name = name
        self.workDirectory = workDirectory
        storageDirectory = Self.storageDirectory(environment: environment)
        restCAFile = variables["LOCAL_REST_CERT_FILE"]
        logFile = try Self.logFile(name: name, variables)

        var settings = Self.defaults
        settings["state_directory"] = SettingValue(
            "\(workDirectory)/operative", source: .environment(variable: "AGENT_WORK_DIR"))
        if let level = try Self.logLevel(variables) { settings["log.level"] = level }
        let brokerConfig = try BrokerConfigFile(reading: "\(workDirectory)/broker_config.json")
        settings.merge(brokerConfig.settings) { $1 }
        self.settings = settings
        arguments = [
            "name": SettingValue(name, source: .commandLine(key: "--name")),
            "queue": SettingValue(queue, source: .commandLine(key: "--queue")),
            "concurrency": SettingValue(maxWorkers, source: .commandLine(key: "--max-workers")),
        ]
    }

    /// The name that an agent goes by that is started this way.
    public static func name(_ name: String?, queue: String, environment: [String: String]) -> String {
        for candidate in [name, environment["AGENT_NAME"]] {
            if let candidate, !candidate.isEmpty { return candidate }
        }
        return queue
    }

    /// `$CLOUDIFY_DAEMON_STORAGE_DIRECTORY`, else `.cfy-agent` in the home of `$CLOUDIFY_DAEMON_USER`, else in the own one. Nil when there
    /// is none of these.
    public static func storageDirectory(environment: [String: String]) -> String? {
        let variables = DaemonVariables(environment)
        if let directory = variables["CLOUDIFY_DAEMON_STORAGE_DIRECTORY"] { return directory }
        return HomeDirectory.path(ofUser: variables["CLOUDIFY_DAEMON_USER"]).map { "\($0)/.cfy-agent" }
    }

    /// What a Cloudify manager expects of its agents, and what differs from Operative's own defaults for that reason.
    private static var defaults: [String: SettingValue] {
        [
            "retry.mode": "reply", "task_events": "manager", "telemetry.mode": "rest",
            // The Python worker never gives up either.
            "broker.startup_timeout": "0s",
        ].mapValues { SettingValue($0, source: .cloudify) }
    }

    private static func logFile(
        name: String, _ variables: DaemonVariables
    ) throws(ConfigurationError) -> LogFile? {
        guard let directory = variables["AGENT_LOG_DIR"] else { return nil }
        guard !name.contains("/") else {
            throw ConfigurationError(
                key: nil, source: .commandLine(key: "--name"),
                message: "\(OneLine.quoted(name)) contains a slash, and the log file is named after it",
                remedy: "write a name such as web-1")
        }
        return LogFile(
            path: "\(directory)/\(name).log",
            maxBytes: try variables.integer("AGENT_LOG_MAX_BYTES", fallback: 5_242_880),
            maxHistory: try variables.integer("AGENT_LOG_MAX_HISTORY", fallback: 7))
    }

    /// `$AGENT_LOG_LEVEL`, which has the names of Python.
    private static func logLevel(_ variables: DaemonVariables) throws(ConfigurationError) -> SettingValue? {
        let variable = "AGENT_LOG_LEVEL"
        guard let text = variables[variable] else { return nil }
        let level: String? =
            switch text.lowercased() {
            case "debug": "debug"
            case "info": "info"
            case "warning", "warn": "warning"
            case "error": "error"
            case "critical", "fatal": "critical"
            default: nil
            }
        guard let level else {
            throw variables.error(
                variable, "\(OneLine.quoted(text)) is no level",
                remedy: "write DEBUG, INFO, WARNING, ERROR or CRITICAL")
        }
        return SettingValue(level, source: .environment(variable: variable))
    }
}
