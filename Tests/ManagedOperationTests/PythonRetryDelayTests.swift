import AgentTestSupport
import Glibc
import ManagerTestServer
import Operative
import Testing

/// What becomes of the times that operations in Python ask to be retried after: what `cloudify.dispatch` passes on is passed on, as far as a
/// workflow can wait for it.
@Suite("Odd times to wait, asked for in Python", .timeLimit(.minutes(5)))
struct PythonRetryDelayTests {
    /// By function, what it raises.
    private static let functions = [
        "retry": "OperationRetry", "retry_raised": "OperationRetry", "recoverable": "RecoverableError",
    ]

    private enum Fate {
        /// The value and its text in the message.
        case passed(PropertyValue, String)
        /// No time: the value as the agent names it, and as Python does.
        case refused(String, String)
        /// Longer than `retry.max_delay`: as the agent names it.
        case tooLong(String)
        /// The dispatched process itself fails, as the original's does.
        case broken
    }

    private static let fates: [(String, Fate)] = [
        ("none", .passed(nil, "")), ("zero", .passed(0, "0")), ("float", .passed(1.5, "1.5")),
        ("negative", .passed(-5, "-5")), ("text", .passed("2", "2")), ("true", .passed(true, "True")),
        ("nan", .refused("NaN", "nan")), ("inf", .refused("Infinity", "inf")),
        ("word", .refused(#""soon""#, "soon")), ("empty", .refused(#""""#, "")),
        ("text of nan", .refused(#""nan""#, "nan")), ("text of much", .refused(#""1e400""#, "1e400")),
        ("list", .refused("[1]", "[1]")), ("mapping", .refused(#"{"a":1}"#, "{'a': 1}")),
        ("ten years", .tooLong("315360000")), ("65 bits", .tooLong("1000000000000")), ("bytes", .broken),
    ]

    @Test(
        "Each is answered as the original does, or with what is wrong with it, by a Python of its own and by a forked one",
        arguments: ["cold", "warm"])
    func oddDelays(_ way: String) async throws {
        // As the agent does: a parent that is gone must not end this process.
        signal(SIGPIPE, SIG_IGN)
        let python = try await TestPython.interpreter()
        try await ManagedAgent.run([], python: python, isWarm: way == "warm") { agent in
            #expect(try await reply("is_forked", "none", agent)["result"] == .bool(way == "warm"))
            for (function, type) in Self.functions {
                // A Python of its own takes long to start, and most of this has nothing to do with the function.
                for (what, fate) in Self.fates where way == "warm" || function == "retry" || what == "nan" {
                    let error = try await reply(function, what, agent)["error"] ?? nil
                    expect(error, fate, type, "\(function) \(what)")
                }
            }
        }
    }

    @Test("An integer of 400 digits is one clear error", arguments: ["cold", "warm"])
    func endless(_ way: String) async throws {
        signal(SIGPIPE, SIG_IGN)
        let python = try await TestPython.interpreter()
        try await ManagedAgent.run([], python: python, isWarm: way == "warm") { agent in
            let error = try await reply("recoverable", "400 digits", agent)["error"] ?? nil
            #expect(error["known_exception_type"] == "NonRecoverableError")
            #expect(error["message"]?.stringValue?.contains("no number of seconds") == true, "\(error)")
            #expect(agent.answers.count == 1)
        }
    }

    @Test("A time without a message is the TypeError that the original raises")
    func withoutMessage() async throws {
        try await ManagedAgent.run([], python: try await TestPython.interpreter()) { agent in
            let error = try await reply("retry_without_message", "zero", agent)["error"] ?? nil
            #expect(error["known_exception_type"] == "RecoverableError")
            #expect(error["message"] == "argument of type 'NoneType' is not iterable")
        }
    }

    private func expect(_ error: PropertyValue, _ fate: Fate, _ type: String, _ what: String) {
        let found = [error["known_exception_type"], error["known_exception_type_args"], error["message"]]
        let expected: [PropertyValue] =
            switch fate {
            case .passed(let value, let text):
                [.string(type), [value], .string(text.isEmpty ? "again" : "again [retry_after=\(text)]")]
            case .refused(let value, let text):
                [
                    "NonRecoverableError", [],
                    .string(
                        "The operation asked to be retried after \(value), which is no number of seconds. again [retry_after=\(text)]"
                    ),
                ]
            case .tooLong(let value):
                [
                    "NonRecoverableError", [],
                    .string(
                        "The operation asked to be retried after \(value) s, which is more than retry.max_delay (2592000 s)."
                    ),
                ]
            case .broken:
                ["NonRecoverableError", [], "Unhandled exception occurred in operation dispatch (rc=1)"]
            }
        #expect(found == expected, "\(what)")
    }

    private func reply(_ function: String, _ what: String, _ agent: ManagedAgent) async throws -> PropertyValue {
        let count = agent.answers.count
        let task = ManagedTask(
            id: "t\(count)", name: "edgeplugin.ops.\(function)", inputs: ["what": .string(what)])
        agent.server.know(task)
        _ = await agent.send(task.body(for: agent.server)).settled()
        #expect(agent.answers.count == count + 1, "\(function) \(what)")
        return agent.answers.last ?? nil
    }
}
