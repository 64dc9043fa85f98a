import AgentExecutors
import AgentProtocol
import AgentRuntime
import Foundation
import Logging
import ManagerClient
import ManagerTestServer
import Operative
import Synchronization

@testable import OperativeAgent

/// A manager, and an agent's way of log records and events to it.
final class PostingPlace: Sendable {
    let manager: TestManager
    let directory = NSTemporaryDirectory() + "operative-posting-\(UUID().uuidString)"
    let timers = TimerThread()
    let logger: Logger
    let lines = LogLines()

    init() async throws {
        manager = try await TestManager()
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        // The file is there before anybody looks into it while another one makes it.
        logger = Logger(label: "posting") { [lines] _ in LineLogHandler(lines: lines) }
        _ = try stored()
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    func connections(sender: ManagerSender = ManagerSender(agentName: "agent_1")) -> ManagerConnections {
        ManagerConnections(
            environment: ["REST_PROTOCOL": "http", "LOCAL_REST_CERT_FILE": "/dev/null"], sender: sender, logger: logger)
    }

    /// A destination of its own for each execution.
    func destination(
        _ execution: String, token: String? = nil, port: Int? = nil, host: String = "127.0.0.1"
    ) -> TelemetryDestination {
        var task = OperationTaskContext(taskName: "t")
        task.executionID = execution
        task.executionToken = token ?? "token-of-\(execution)"
        task.restHosts = [host]
        task.restPort = port ?? manager.port
        task.tenant = ["name": "default_tenant"]
        return TelemetryDestination(task)
    }

    func spool(over sink: RESTTelemetrySink, maximumBytes: Int = 1 << 30) -> SpoolingTelemetrySink {
        SpoolingTelemetrySink(
            inner: sink, store: SpoolTelemetryStore(path: directory + "/telemetry.db", logger: logger), room: 1 << 20,
            maximumBytes: maximumBytes, timers: timers, logger: logger)
    }

    /// Records on disk.
    func stored() throws -> Int {
        try SpoolTelemetryStore(path: directory + "/telemetry.db", logger: logger).inventory().count
    }

    /// What the manager has of an execution, by the numbers that ``record(_:_:kind:bytes:)`` wrote.
    func arrived(_ execution: String) -> [Int] {
        manager.store.logs.filter { $0["context"]?["execution_id"]?.stringValue == execution }
            .compactMap { $0["message"]?["text"]?.stringValue.flatMap { Int($0.prefix { $0 != " " }) } }
    }

    /// A record of an execution that says its number.
    func record(
        _ number: Int, _ destination: TelemetryDestination, kind: TelemetryRecord.Kind = .log, bytes: Int = 0
    ) -> TelemetryRecord {
        let body: PropertyValue = [
            "context": ["execution_id": .string(destination.executionID ?? "")], "type": "cloudify_log",
            "message": ["text": .string("\(number) " + String(repeating: "x", count: bytes))],
        ]
        return TelemetryRecord(
            kind: kind, body: body.json, sequence: number, stream: UInt64(bitPattern: Int64(destination.hashValue)),
            destination: destination)
    }

    func send(_ numbers: ClosedRange<Int>, of destination: TelemetryDestination, to sink: SpoolingTelemetrySink) {
        for number in numbers { sink.send(record(number, destination)) { _ in } }
    }

    /// Waits for something that gives no signal of its own; at most a minute.
    func until(_ condition: () throws -> Bool) async rethrows {
        let deadline = ContinuousClock.now + .seconds(60)
        while try !condition(), ContinuousClock.now < deadline { try? await Task.sleep(for: .milliseconds(5)) }
    }
}
