import Foundation
import ManagerTestServer
import Operative
import Testing

/// What the original asks and tells a manager around an operation, against what this agent does with the same message.
@Suite("Recorded operations", .timeLimit(.minutes(2)))
struct RecordedOperationTests {
    private static let operations = [
        Operative.Operation("specplugin.ops.none") { _ in },
        Operative.Operation("specplugin.ops.envs") { _ in },
        Operative.Operation("specplugin.ops.plain") { _ in },
        Operative.Operation("specplugin.ops.ok", resumable: true) { ctx in
            let changes: [String: PropertyValue] = [
                "touched_by": "tests.ok", "k": "v", "n": 5, "deep": ["er": ["key": ["x": [1, 2]]]],
            ]
            try await ctx.instance.modifyRuntimeProperties { $0.merge(changes) { $1 } }
            return ["done": true, "op": "tests.ok"] as PropertyValue
        },
    ]

    @Test(
        "Method, path, query, headers and body of every request are those that were recorded",
        arguments: [
            "operation_record_present", "operation_record_missing_404", "execution_already_cancelled",
            "execution_token_unauthorized", "bypass_maintenance_and_execution_env", "redelivered_resumable",
            "resume_flag_in_context", "context_without_plugin",
        ])
    func isAsRecorded(_ name: String) async throws {
        let directory = try #require(Bundle.module.resourceURL).appending(path: "Fixtures")
        let fixture = try PropertyValue(json: Array(Data(contentsOf: directory.appending(path: "\(name).json"))))
        var recorded = fixture["rest"]?.arrayValue ?? []
        // The operation sets properties to what they are already: the original stores them again, this agent does not.
        if name == "resume_flag_in_context" { recorded.removeLast() }
        try await ManagedAgent.run(Self.operations) { agent in
            for request in recorded { agent.server.answer(asRecorded: request) }
            let body = try #require(fixture.value(at: "request.body"))
            #expect(await agent.send(body.json).settled() == .acknowledged)
            let requests = agent.server.requests
            #expect(
                requests.map { "\($0.method) \($0.path)?\($0.query)" }
                    == recorded.map {
                        [$0["method"], $0["path"]].map { $0?.stringValue ?? "" }.joined(separator: " ")
                            + "?\($0["query"]?.stringValue ?? "")"
                    })
            for (request, recorded) in zip(requests, recorded) {
                #expect(request.json ?? nil == recorded["body"] ?? nil)
                for header in ["Execution-Token", "Tenant", "Content-type", "X-BYPASS-MAINTENANCE"] {
                    #expect(request.header(header) == recorded["headers"]?[header]?.stringValue, "\(header)")
                }
                #expect(request.header("Authentication-Token") == nil)
            }
            #expect(agent.answers.isEmpty == (fixture["response"] ?? nil).isNull)
        }
    }
}
