import AgentExecutors
import AgentRuntime
import Foundation
import ManagerClient
import ManagerTestServer
import Operative
import Synchronization
import Testing

@testable import OperativeAgent

@Suite("Log records and events over REST", .timeLimit(.minutes(3)))
struct RESTTelemetryTests {
    static let fixtures: [String] = [
        "event_plugin_event_node", "event_plugin_event_rel", "event_workflow_started_dep",
        "event_workflow_succeeded_dep",
        "log_debug_node", "log_debug_rel", "log_error_node", "log_error_rel", "log_info_node", "log_info_rel",
        "log_warning_node",
    ]

    @Test("A request has the headers and the body that were recorded", arguments: fixtures)
    func asRecorded(_ name: String) async throws {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let file = tests.appending(path: "AgentProtocolTests/Fixtures/logs_events/\(name).json")
        let fixture = try PropertyValue(json: [UInt8](Data(contentsOf: file)))
        let body = try #require(fixture["body"])
        let place = try await PostingPlace()
        let connections = place.connections(
            sender: ManagerSender(
                agentName: body["agent_name"]?.stringValue, managerName: body["manager_name"]?.stringValue))
        let sink = RESTTelemetrySink(connections: connections, logger: place.logger)
        let destination = place.destination(
            try #require(body["execution_id"]?.stringValue), token: "exec-token")
        let events = body["events"]?.arrayValue
        let record = try #require(events?.first ?? body["logs"]?.arrayValue?.first)
        let delivery = await withCheckedContinuation { continuation in
            sink.send(
                TelemetryRecord(
                    kind: events == nil ? .log : .event, body: record.json, sequence: 1, destination: destination)
            ) { continuation.resume(returning: $0) }
        }
        #expect(delivery == .arrived)
        let request = try #require(place.manager.requests.first)
        #expect(request.method == "POST")
        #expect(request.path == "/api/v3.1/events")
        #expect(request.header("Execution-Token") == "exec-token")
        #expect(request.header("Content-type") == "application/json")
        #expect(request.header("Tenant") == "default_tenant")
        #expect(request.json == body)
        await connections.shutdown()
    }

    @Test("What comes while a request is under way travels together in the next one, in order")
    func batches() async throws {
        let place = try await PostingPlace()
        place.manager.inject(.delay(.milliseconds(200)))
        let connections = place.connections()
        let sink = RESTTelemetrySink(connections: connections, logger: place.logger)
        let spool = place.spool(over: sink)
        spool.start()
        let execution = place.destination("e1")
        place.send(1...200, of: execution, to: spool)
        await place.until { spool.status.waiting == 0 }
        #expect(place.arrived("e1") == Array(1...200))
        #expect(place.manager.requests.count < 20)
        await spool.close(within: .seconds(10))
        await connections.shutdown()
    }

    @Test("While the manager is away records of many executions wait on disk; they arrive in order and none is missing")
    func outage() async throws {
        let place = try await PostingPlace()
        let connections = place.connections()
        let spool = place.spool(over: RESTTelemetrySink(connections: connections, logger: place.logger))
        spool.start()
        let executions = (1...40).map { place.destination("e\($0)") }
        for execution in executions { place.send(1...10, of: execution, to: spool) }
        await place.until { spool.status.waiting == 0 }
        await place.manager.goDown()
        for execution in executions { place.send(11...60, of: execution, to: spool) }
        try await place.until { try place.stored() >= 40 * 50 }
        try await place.manager.comeBack()
        for execution in executions { place.send(61...70, of: execution, to: spool) }
        await place.until { spool.status.waiting == 0 }
        for execution in executions { #expect(place.arrived(execution.executionID ?? "") == Array(1...70)) }
        try await place.until { try place.stored() == 0 }
        #expect(spool.status == TelemetryStatus())
        await spool.close(within: .seconds(10))
        await connections.shutdown()
    }

    @Test("What one agent could not post the next one posts, with the token it came with, before anything new")
    func restart() async throws {
        let place = try await PostingPlace()
        place.manager.change { $0.tokens = ["token-of-e1", "token-of-e2"] }
        await place.manager.goDown()
        let executions = [place.destination("e1"), place.destination("e2")]
        do {
            let connections = place.connections()
            let spool = place.spool(over: RESTTelemetrySink(connections: connections, logger: place.logger))
            spool.start()
            for execution in executions { place.send(1...100, of: execution, to: spool) }
            await spool.close(within: .seconds(30))
            await connections.shutdown()
            #expect(try place.stored() == 200)
        }
        try await place.manager.comeBack()
        let connections = place.connections()
        let spool = place.spool(over: RESTTelemetrySink(connections: connections, logger: place.logger))
        for execution in executions { place.send(101...110, of: execution, to: spool) }
        spool.start()
        await place.until { spool.status.waiting == 0 }
        for name in ["e1", "e2"] { #expect(place.arrived(name) == Array(1...110)) }
        await spool.close(within: .seconds(10))
        await connections.shutdown()
    }

    @Test("A token that the manager refuses loses its own records, counted, and those of no one else")
    func refusedToken() async throws {
        let place = try await PostingPlace()
        place.manager.change { $0.tokens = ["token-of-e1", "token-of-e2"] }
        let connections = place.connections()
        let spool = place.spool(over: RESTTelemetrySink(connections: connections, logger: place.logger))
        spool.start()
        let over = place.destination("over", token: "secret-token")
        for round in 0..<10 {
            let numbers = (round * 10 + 1)...(round * 10 + 10)
            for execution in [place.destination("e1"), over, place.destination("e2")] {
                place.send(numbers, of: execution, to: spool)
            }
        }
        await place.until { spool.status.waiting == 0 }
        #expect(place.arrived("e1") == Array(1...100))
        #expect(place.arrived("e2") == Array(1...100))
        #expect(place.arrived("over").isEmpty)
        #expect(spool.status == TelemetryStatus(waiting: 0, unwanted: 100))
        let said = place.lines.text.split(separator: "\n").filter {
            $0.contains("takes no log records and events of an execution")
        }
        #expect(said.count == 1)
        #expect(said.first?.contains("execution=over") == true)
        #expect(place.lines.count("secret-token") == 0)
        await spool.close(within: .seconds(10))
        await connections.shutdown()
    }

    @Test("A manager that never answers holds up its own executions only; the others are not even written to the disk")
    func silentManager() async throws {
        let place = try await PostingPlace()
        let silent = try await TestManager()
        for _ in 0..<100 { silent.inject(.silence) }
        let connections = place.connections()
        let spool = place.spool(over: RESTTelemetrySink(connections: connections, logger: place.logger))
        spool.start()
        let stuck = (1...20).map { place.destination("stuck\($0)", port: silent.port) }
        for execution in stuck { place.send(1...5, of: execution, to: spool) }
        try await place.until { try place.stored() == 100 }
        let going = place.destination("going")
        place.send(1...300, of: going, to: spool)
        await place.until { spool.status.waiting == 100 }
        #expect(place.arrived("going") == Array(1...300))
        #expect(try place.stored() == 100)
        #expect(silent.requests.count == 8)
        await spool.close(within: .seconds(10))
        await connections.shutdown()
        await silent.goDown()
    }

    @Test(
        "Statuses of a manager in trouble, connections that break and lost answers delay records, and lose and shuffle none",
        arguments: [
            ManagerFault.status(500), .status(503), .status(502), .close, .status(403, code: "forbidden_error"),
            .raw("x"),
        ])
    func troubles(_ fault: ManagerFault) async throws {
        let place = try await PostingPlace()
        let connections = place.connections()
        let spool = place.spool(over: RESTTelemetrySink(connections: connections, logger: place.logger))
        spool.start()
        place.manager.inject(fault, times: 4)
        let execution = place.destination("e1")
        place.send(1...50, of: execution, to: spool)
        await place.until { spool.status.waiting == 0 }
        #expect(place.arrived("e1") == Array(1...50))
        await spool.close(within: .seconds(10))
        await connections.shutdown()
    }

    @Test("When an answer is lost its records are posted again: they may be there twice, and none is missing")
    func lostAnswer() async throws {
        let place = try await PostingPlace()
        let connections = place.connections()
        let spool = place.spool(over: RESTTelemetrySink(connections: connections, logger: place.logger))
        spool.start()
        place.manager.inject(.loseAnswer, times: 2)
        place.send(1...50, of: place.destination("e1"), to: spool)
        await place.until { spool.status.waiting == 0 }
        let arrived = place.arrived("e1")
        var seen = Set<Int>()
        #expect(arrived.filter { seen.insert($0).inserted } == Array(1...50))
        #expect(arrived.count > 50)
        await spool.close(within: .seconds(10))
        await connections.shutdown()
    }

    @Test("A record that the manager does not accept is declared in its place, and the others of its batch arrive")
    func unacceptable() async throws {
        let place = try await PostingPlace()
        let connections = place.connections()
        let sink = RESTTelemetrySink(connections: connections, logger: place.logger)
        let spool = place.spool(over: sink)
        spool.start()
        place.manager.change { $0.largestBody = 100_000 }
        let execution = place.destination("e1")
        place.send(1...20, of: execution, to: spool)
        spool.send(place.record(21, execution, bytes: 200_000)) { _ in }
        place.send(22...40, of: execution, to: spool)
        await place.until { spool.status.waiting == 0 }
        let arrived = place.manager.store.logs.count
        let texts = place.manager.store.logs.compactMap { $0["message"]?["text"]?.stringValue }
        #expect(texts.filter { $0.contains("1 record missing here") }.count == 1)
        #expect(arrived == 40)
        #expect(Set(texts.compactMap { Int($0.prefix { $0 != " " }) }) == Set(1...40).subtracting([21]))
        #expect(spool.status.unwanted == 0)
        await spool.close(within: .seconds(10))
        await connections.shutdown()
    }

    @Test("Tokens are in no description of what is on its way")
    func secrets() async throws {
        let place = try await PostingPlace()
        let destination = place.destination("e1", token: "secret-token")
        let record = place.record(1, destination)
        #expect(!"\(destination)".contains("secret") && !"\(record)".contains("secret"))
        #expect(!String(reflecting: record).contains("secret"))
        #expect(TelemetryDestination(stored: destination.stored) == destination)
        #expect(TelemetryDestination(stored: Array("[]".utf8)) == nil)
    }
}
