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
    package var logger: Logger

    package init(
        operations: any TaskSource, services: any TaskSource, sink: any TaskSink, telemetry: any TelemetrySink,
        journal: any TaskJournal, cancellations: any CancellationRecord, manager: any Manager,
        archive: any MessageArchive, logger: Logger
    ) {
        self.operations = operations
        self.services = services
        self.sink = sink
        self.telemetry = telemetry
        self.journal = journal
        self.cancellations = cancellations
        self.manager = manager
        self.archive = archive
        self.logger = logger
    }
}
