import AgentRuntime
import Logging
import OperativeAgent

/// Looks into the file of a telemetry spool that an agent is using.
struct SpoolReader {
    private let store: SpoolTelemetryStore

    init(path: String) { store = SpoolTelemetryStore(path: path, logger: TestLogger.make("spool")) }

    func count() throws -> Int { try store.inventory().count }
}
