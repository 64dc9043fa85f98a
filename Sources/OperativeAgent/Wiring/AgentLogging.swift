internal import AgentConfiguration
internal import Logging
internal import Observability

/// Sets the agent's own log up: to standard error, where systemd and containers look for it; of an agent that a Cloudify manager installed
/// to its log file and to standard output.
enum AgentLogging {
    static func bootstrap(_ configuration: AgentConfiguration) throws(CommandFailure) -> Logger {
        if let daemon = configuration.daemon {
            try bootstrap(daemon, level: configuration.log.level)
        } else {
            bootstrap(configuration.log)
        }
        var logger = Logger(label: "operative")
        logger[metadataKey: "agent"] = "\(configuration.name)"
        return logger
    }

    private static func bootstrap(_ daemon: CloudifyDaemon, level: Logger.Level) throws(CommandFailure) {
        let file: RotatingLogFile?
        do throws(RotatingLogFile.Problem) {
            file = try daemon.logFile.map { log throws(RotatingLogFile.Problem) in
                try RotatingLogFile(path: log.path, maxBytes: log.maxBytes, maxHistory: log.maxHistory)
            }
        } catch {
            throw CommandFailure(
                message: "environment AGENT_LOG_DIR: \(error); name a directory that the agent's user may write",
                status: ExitStatus.cannotCreate)
        }
        LoggingSystem.bootstrap { label in
            CloudifyLogHandler(label: label, level: level, output: .standardOutput, file: file)
        }
    }

    private static func bootstrap(_ log: AgentConfiguration.Log) {
        let level = log.level
        let isJournal = JournalStream.isStandardError(environment: ProcessEnvironment.all)
        switch log.format {
        case .text:
            LoggingSystem.bootstrap { label in TextLogHandler(label: label, level: level, showsPriority: isJournal) }
        case .json:
            LoggingSystem.bootstrap { label in JSONLogHandler(label: label, level: level) }
        }
    }
}
