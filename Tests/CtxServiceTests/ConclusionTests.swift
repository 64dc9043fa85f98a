import Operative
import OperativeTestKit
import Testing

@testable import CtxService

@Suite("How a script concludes")
struct ConclusionTests {
    private let environment = OperationEnvironment(node: "web")

    private func say(_ words: [PropertyValue], _ answers: CtxAnswers) async throws -> PropertyValue {
        try await answer(environment.context(), words, answers: answers)
    }

    @Test("returns keeps the value, as it came")
    func returns() async throws {
        let answers = CtxAnswers()
        #expect(answers.conclusion == .none)
        #expect(
            try await say(["returns", ["result": [1, "two"]], [:]], answers) == ["type": "result", "payload": .null])
        #expect(answers.conclusion == .returned(["result": [1, "two"]]))
    }

    @Test("a false value is a result, null is none")
    func falseResults() async throws {
        for value: PropertyValue in [0, "", false, []] {
            let answers = CtxAnswers()
            _ = try await say(["returns", value], answers)
            #expect(answers.conclusion == .returned(value))
        }
        let answers = CtxAnswers()
        _ = try await say(["returns", .null], answers)
        #expect(answers.conclusion == .none)
        _ = try await say(["returns", 5], answers)
        #expect(answers.conclusion == .returned(5))
        _ = try await say(["returns", .null], answers)
        #expect(answers.conclusion == .saidTwice)
    }

    @Test("abort stops the script, and needs no message")
    func abort() async throws {
        let answers = CtxAnswers()
        #expect(
            try await say(["abort-operation", "no disk"], answers)
                == ["type": "stop_operation", "payload": ["message": "no disk"]])
        #expect(answers.conclusion == .aborted(message: "no disk"))
        let silent = CtxAnswers()
        _ = try await say(["abort_operation"], silent)
        #expect(silent.conclusion == .aborted(message: "None"))
    }

    @Test("a second conclusion of any kind is refused, and spoils the first")
    func second() async throws {
        let conclusions: [[PropertyValue]] = [["returns", 1], ["abort-operation", "a"], ["retry-operation", "r"]]
        for first in conclusions {
            for second in conclusions {
                let answers = CtxAnswers()
                _ = try await say(first, answers)
                let refused = try await say(second, answers)
                #expect(refused["type"] == "error")
                #expect(refused["payload"]?["type"] == "RuntimeError")
                #expect(refused["payload"]?["message"] == "ctx may only abort or return once")
                #expect(answers.conclusion == .saidTwice)
                #expect(try await say(second, answers)["type"] == "error")
            }
        }
    }

    @Test("a retry is asked of the context, with every way to write its seconds")
    func retry() async throws {
        let cases: [(PropertyValue, Duration?)] = [
            (.null, nil), (2, .seconds(2)), ("2", .seconds(2)), (" 2.5 ", .seconds(2.5)),
            (.double(0.25), .seconds(0.25)),
            (-5, .zero), ("-1", .zero), (315_360_000, .seconds(315_360_000)), (0, .zero),
        ]
        for (seconds, expected) in cases {
            for word: PropertyValue in ["retry-operation", "operation"] {
                let answers = CtxAnswers()
                let isStop = word == "retry-operation"
                let result = await environment.run(
                    Operation("test.retry") { ctx in
                        let words: [PropertyValue] =
                            isStop ? [word, "later", seconds] : [word, "retry", "later", seconds]
                        let reply = try await answer(ctx, words, answers: answers)
                        #expect(reply["type"] == (isStop ? "stop_operation" : "result"), "\(reply)")
                    })
                #expect(result.retry?.after == expected, "\(seconds)")
                #expect(result.retry?.message == "later")
                #expect(answers.conclusion == (isStop ? .retry(message: "later", after: expected) : .none))
            }
        }
    }

    @Test("what is no number of seconds is refused, and nothing has been said")
    func oddRetries() async throws {
        let odd: [PropertyValue] = [
            "soon", "", "nan", "inf", "0x10", .double(.nan), .double(.infinity), .double(1e300), .integer(.max),
            .bool(true), [], "1e999",
        ]
        for seconds in odd {
            let answers = CtxAnswers()
            for words: [PropertyValue] in [["retry-operation", "m", seconds], ["operation", "retry", "m", seconds]] {
                let refused = try await say(words, answers)
                #expect(refused["type"] == "error", "\(seconds)")
                #expect(refused["payload"]?["message"]?.stringValue?.contains("'retry_after'") == true, "\(refused)")
            }
            #expect(answers.conclusion == .none)
        }
    }
}
