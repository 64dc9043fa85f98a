package import Logging

/// Everything the runtime talks to.
package struct RuntimePorts: Sendable {
    package var operations: any TaskSource
    package var services: any TaskSource
    package var sink: any TaskSink
    package var telemetry: any TelemetrySink
    package var journal: any TaskJournal
    package var cancellations: any CancellationRecord
    package var manager: any Manager
    package var archive: any MessageArchive
    /// Nil when nobody may change the agent while it runs.
    package var maintenance: (any AgentMaintenance)?
    /// Nil when no plugins can be installed.
    package var plugins: (any PluginMaintenance)?
    /// Nil when what operations log is not kept on this machine.
    package var operationLog: (any OperationLog)?
    package var logger: Logger

    package init(
        operations: any TaskSource, services: any TaskSource, sink: any TaskSink, telemetry: any TelemetrySink,
        journal: any TaskJournal, cancellations: any CancellationRecord, manager: any Manager,
        archive: any MessageArchive, maintenance: (any AgentMaintenance)? = nil, logger: Logger
    ) {
        self.operations = operations
        self.services = services
        self.sink = sink
        self.telemetry = telemetry
        self.journal = journal
        self.cancellations = cancellations
        self.manager = manager
        self.archive = archive
        self.maintenance = maintenance
        self.logger = logger
    }
}
