internal import AgentConfiguration
internal import Logging
internal import Observability

/// Sets the agent's own log up: to standard error, where systemd and containers look for it.
enum AgentLogging {
    static func bootstrap(_ log: AgentConfiguration.Log, agentName: String) -> Logger {
        let level = log.level
        let isJournal = JournalStream.isStandardError(environment: ProcessEnvironment.all)
        switch log.format {
        case .text:
            LoggingSystem.bootstrap { label in TextLogHandler(label: label, level: level, showsPriority: isJournal) }
        case .json:
            LoggingSystem.bootstrap { label in JSONLogHandler(label: label, level: level) }
        }
        var logger = Logger(label: "operative")
        logger[metadataKey: "agent"] = "\(agentName)"
        return logger
    }
}
