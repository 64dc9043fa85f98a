import Foundation
import Operative
import OperativeTestKit
import Testing

@testable import CtxService

@Suite("Exchanges recorded from the original")
struct RecordedExchangesTests {
    /// What the operation of the recording ran on.
    private let environment: OperationEnvironment = {
        let host = TestInstance(
            node: "host", id: "host_ymsl4g",
            runtimeProperties: [
                "cloudify_agent": [
                    "queue": "host_agent1", "name": "host_agent1", "rest_host": ["127.0.0.1"], "version": "7.0.5",
                    "tenant": ["name": "default_tenant"],
                ]
            ])
        let database = TestInstance(node: "db", id: "db_43ccby")
        let app = TestInstance(
            node: "app", id: "app_07ss99",
            properties: ["port": ["get_input": "port"], "nested": ["a": ["b": [1, 2, ["c": "x"]]]]],
            relationships: [TestRelationship("contained_in", to: host), TestRelationship("connected_to", to: database)])
        var task = TestTask()
        task.operationName = "tests.script"
        task.deploymentID = "dep1"
        var manager = TestManager()
        manager.resources = ["scripts/res.txt": "text\n", "scripts/tpl.txt": "Hello {{ who }}\n"]
        return OperationEnvironment(app, others: [host, database], task: task, manager: manager)
    }()

    private struct Exchange: Decodable {
        let request: String
        let response: String
    }

    private func exchanges() throws -> [Exchange] {
        let folder = try #require(Bundle.module.resourceURL).appending(path: "Fixtures")
        let data = try Data(contentsOf: folder.appending(path: "http_exchanges_bash_script.json"))
        return try JSONDecoder().decode([Exchange].self, from: data)
    }

    @Test("the same bytes over HTTP, but for what is listed as different on purpose")
    func replay() async throws {
        let exchanges = try exchanges()
        #expect(exchanges.count == 25)
        let work = FileManager.default.temporaryDirectory.appending(path: "ctx-\(UUID().uuidString).txt").path
        defer { try? FileManager.default.removeItem(atPath: work) }
        let context = environment.context()
        try await serving(context) { (served) async throws in
            for exchange in exchanges {
                var request = exchange.request.replacing("/PATH/work/dl.txt", with: work)
                request = Self.withLength(request.replacing("POST / HTTP", with: "POST \(served.secretPath) HTTP"))
                let sent = request
                let port = served.port
                let bytes = try await blocking {
                    let wire = try Wire(port: port)
                    wire.send(sent)
                    return wire.rest() ?? []
                }
                let response = String(decoding: bytes, as: UTF8.self).replacing(work, with: "/PATH/work/dl.txt")
                let question = exchange.request.split(separator: "\r\n\r\n").last ?? ""
                #expect(try Self.comparable(response) == Self.comparable(exchange.response), "\(question)")
            }
        }
    }

    private static func withLength(_ request: String) -> String {
        let body = request.split(separator: "\r\n\r\n", maxSplits: 1).last ?? ""
        return request.replacing(/Content-Length: \d+/, with: "Content-Length: \(body.utf8.count)")
    }

    /// A response without what may differ: the date, where in the original's code an error was, the names of temporary directories, the
    /// order of members, and what works here only.
    private static func comparable(_ response: String) throws -> String {
        let dated = /Date: [A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT/
        var text = response.replacing(dated, with: "Date: D")
            .replacing(/"\/[^" ]*\/(res|tpl)\.txt"/) { "\"/TMP/\($0.output.1).txt\"" }
            .replacing(/"traceback": "Traceback \(most recent call last\):\\n.*?([^"\n]*?)\\n"\}\}$/) { match in
                let lines = String(match.output.1).split(separator: "\\n")
                return "\"traceback\": \"\(lines.last ?? "")\"}}"
            }
        if text.contains("Object of type bytes is not JSON serializable") {
            text = text.replacing(/\{"type": "error".*/, with: #"{"type": "result", "payload": "text\n"}"#)
        }
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1)
        guard parts.count == 2, case .object(let payload)? = try PropertyValue(json: Array(parts[1].utf8))["payload"],
            payload.count > 1, payload["traceback"] == nil
        else { return text }
        return "\(parts[0])\r\n\r\n\(PropertyValue.object(payload).jsonString)"
    }

    @Test("bodies have the original's layout: type before payload, blanks, escapes")
    func layout() async throws {
        let responder = CtxResponder(context: environment.context(), answers: CtxAnswers(), account: nil)
        func body(_ request: String) async -> String {
            String(decoding: await responder.answer(to: Array(request.utf8)), as: UTF8.self)
        }
        #expect(await body(#"{"args": ["instance", "id"]}"#) == #"{"type": "result", "payload": "app_07ss99"}"#)
        #expect(
            await body(#"{"args": ["missing"]}"#)
                == #"{"type": "error", "payload": {"type": "RuntimeError", "message": "missing cannot be processed in ['missing']", "traceback": "Traceback (most recent call last):\nRuntimeError: missing cannot be processed in ['missing']\n"}}"#
        )
        #expect(
            await body(#"{"args": ["abort-operation", "ü"]}"#)
                == #"{"type": "stop_operation", "payload": {"message": "\u00fc"}}"#)
    }

    @Test("dates are written as HTTP wants them")
    func dates() {
        #expect(HTTPHead.date(0) == "Thu, 01 Jan 1970 00:00:00 GMT")
        #expect(HTTPHead.date(1_795_219_730) == "Sat, 21 Nov 2026 00:08:50 GMT")
        #expect(HTTPHead.date(1_709_164_800) == "Thu, 29 Feb 2024 00:00:00 GMT")
        #expect(HTTPHead.date(951_868_799) == "Tue, 29 Feb 2000 23:59:59 GMT")
        #expect(HTTPHead.date(4_107_542_399) == "Sun, 28 Feb 2100 23:59:59 GMT")
    }
}
