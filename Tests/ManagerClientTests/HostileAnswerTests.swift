import ManagerClient
import ManagerTestServer
import Operative
import Testing

@Suite("Answers that are not what they should be", .timeLimit(.minutes(3)))
struct HostileAnswerTests {
    private func error(
        _ fault: ManagerFault, times: Int = 1000, deadline: Duration? = nil,
        _ change: (inout ManagerPoolConfiguration) -> Void = { _ in }
    ) async throws -> ManagerError? {
        let time = VirtualTime()
        let configuration = limits {
            $0.time = time.clock()
            $0.answerLimit = 1 << 20
            change(&$0)
        }
        return try await withManager(configuration) { manager, client async throws in
            manager.change { $0.executions["e1"] = ["id": "e1", "status": "started"] }
            manager.inject(fault, times: times)
            return await failure { () throws(ManagerError) in try await client.limited(to: deadline).execution("e1") }
        }
    }

    @Test(
        "Another type than promised is an error that says so",
        arguments: [
            ("[]", "the answer is an array, not an object"), ("<html>", "invalid JSON at byte 0"),
            ("", "invalid JSON"), ("{\"id\": 1, \"status\": \"x\"}", "'id' in the answer is an integer, not a string"),
            ("{\"id\": \"e1\"}", "'status' in the answer is missing, not a string"),
            (String(repeating: "[", count: 100_000), "invalid JSON"), ("\u{0}\u{1}", "invalid JSON"),
        ])
    func wrongTypes(_ body: String, _ message: String) async throws {
        let error = try await error(.body(body))
        #expect(error?.reason == .invalidResponse)
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "none")")
    }

    @Test("An answer that breaks off once is asked for again, one that always does is an error")
    func truncated() async throws {
        #expect(try await error(.truncate(10), times: 2) == nil)
        let error = try await error(.truncate(10))
        #expect(error?.reason == .invalidResponse, "\(String(describing: error))")
    }

    @Test("An answer without end is refused at the limit")
    func flood() async throws {
        let error = try await error(.flood(1 << 30))
        #expect(error?.reason == .responseTooLarge && error?.message.contains("1048576") == true)
    }

    @Test("An announced size beyond the limit is refused")
    func announced() async throws {
        let error = try await error(.raw("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n{"))
        #expect(error?.reason == .responseTooLarge, "\(String(describing: error))")
    }

    @Test(
        "What is no HTTP is an error",
        arguments: ["SSH-2.0-OpenSSH\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n"])
    func noHTTP(_ text: String) async throws {
        #expect(try await error(.raw(text)) != nil)
    }

    @Test("An answer that trickles in, or never comes, ends at the deadline")
    func slow() async throws {
        #expect(try await error(.trickle(.seconds(1)), deadline: .milliseconds(300))?.reason == .timedOut)
        #expect(try await error(.silence, deadline: .milliseconds(300))?.reason == .timedOut)
        #expect(try await error(.silence, times: 1) { $0.readTimeout = .milliseconds(200) } == nil)
    }

    @Test("A redirect is not followed: the token goes to the manager alone")
    func redirect() async throws {
        let error = try await error(
            .raw("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"))
        #expect(error?.reason == .refused && error?.status == 302)
    }

    @Test("What the manager says in an error is one line of limited length; a token that is no header is not repeated")
    func errorText() async throws {
        let text = String(repeating: "x\\n", count: 100_000)
        try await withManager { manager, client async throws in
            manager.inject(.raw("HTTP/1.1 400 Bad\r\nContent-Length: 300014\r\n\r\n{\"message\": \"\(text)\"}"))
            let error = await failure { () throws(ManagerError) in try await client.execution("e1") }
            #expect(error?.reason == .badRequest)
            #expect((error?.description.count ?? 0) < 1500 && error?.description.contains("\n") == false)
        }
        let bad = ManagerCredentials(token: .execution("se\r\ncret"), tenant: "t")
        try await withManager(credentials: bad) { _, client async throws in
            let error = await failure { () throws(ManagerError) in try await client.execution("e1") }
            #expect(error?.reason == .invalidRequest)
            #expect(error?.description.contains("cret") == false)
        }
    }

    @Test("Names that would make another request are refused", arguments: ["", ".", ".."])
    func names(_ name: String) async throws {
        try await withManager { manager, client async throws in
            #expect(
                await failure { () throws(ManagerError) in try await client.execution(name) }?.reason == .invalidRequest
            )
            #expect(manager.requests.isEmpty)
        }
    }
}
