import AgentExecutors
import OperationProcesses
import Testing

@testable import PythonPlugins

/// The conversation with a parent, without a process.
@Suite struct WarmConversationTests {
    private let settings = WarmSettings(
        idle: .seconds(600), operations: 3, memory: 1000, importLimit: .seconds(60), answerLimit: .seconds(20))
    private let start = MonotonicInstant(nanoseconds: 0)
    private let operation = WarmOperation(directory: "/d", module: "m", logFile: nil)

    private func after(_ seconds: Int) -> MonotonicInstant { start.advanced(by: .seconds(seconds)) }

    private func ready() -> WarmConversation {
        var conversation = WarmConversation(settings: settings, now: start)
        _ = conversation.received(.ready, now: start)
        return conversation
    }

    private func ask(_ conversation: inout WarmConversation) throws -> (number: Int, actions: [WarmConversation.Action])
    {
        let asked = conversation.ask(operation, now: start)
        return try #require(asked)
    }

    @Test("What is asked while the parent starts is sent when it is ready, in order")
    func queue() throws {
        var conversation = WarmConversation(settings: settings, now: start)
        let first = try ask(&conversation)
        let second = try ask(&conversation)
        #expect(first.actions.isEmpty && second.actions.isEmpty)
        #expect(
            conversation.received(.ready, now: after(1)) == [
                .send(.run(number: first.number, operation)), .send(.run(number: second.number, operation)),
            ])
    }

    @Test("A child is let go once, and only while it waits")
    func go() throws {
        var conversation = ready()
        let number = try ask(&conversation).number
        #expect(conversation.go(number).isEmpty)
        #expect(conversation.received(.began(number, pid: 7), now: start) == [.answer(number, .began(pid: 7))])
        #expect(conversation.go(number) == [.send(.go(number))])
        #expect(conversation.go(number).isEmpty)
        #expect(conversation.drop(number).isEmpty)
        let end = conversation.received(.ended(number, .exited(0), resident: 1), now: start)
        #expect(end == [.end(number, .ended(.exited(0)))])
    }

    @Test("A request that is taken back before its child is there never begins")
    func drop() throws {
        var conversation = ready()
        let number = try ask(&conversation).number
        #expect(conversation.drop(number) == [.answer(number, .gone("it was cancelled"))])
        #expect(conversation.received(.began(number, pid: 7), now: start) == [.send(.drop(number))])
        #expect(conversation.go(number).isEmpty)
    }

    @Test("A parent that owes an answer for too long is killed; imports have longer")
    func silence() throws {
        var conversation = ready()
        let number = try ask(&conversation).number
        #expect(conversation.received(.importing(number), now: after(1)).isEmpty)
        for action in conversation.tick(now: after(60)) {
            guard case .send(.ping(let question)) = action else {
                Issue.record("it was not left alone: \(action)")
                continue
            }
            _ = conversation.received(.pong(question), now: after(60))
        }
        _ = conversation.received(.began(number, pid: 7), now: after(60))
        _ = conversation.go(number)
        // Nothing is owed while the child runs: it is asked whether it is there.
        let ping = conversation.tick(now: after(1000))
        guard case .send(.ping(let question)) = ping.first else {
            Issue.record("no ping: \(ping)")
            return
        }
        #expect(conversation.tick(now: after(1019)).isEmpty)
        #expect(conversation.tick(now: after(1021)) == [.kill("it has not answered for 21 s")])
        var answered = ready()
        _ = answered.received(.pong(question), now: after(1021))
        #expect(answered.isOpen)
    }

    @Test("When the process is gone, what never began may run elsewhere and what began has an unknown end")
    func gone() throws {
        var conversation = ready()
        let begun = try ask(&conversation).number
        _ = conversation.received(.began(begun, pid: 7), now: start)
        _ = conversation.go(begun)
        let asked = try ask(&conversation).number
        #expect(conversation.ended(because: "x") == [.end(begun, .unknown("x")), .answer(asked, .gone("x"))])
        #expect(conversation.ask(operation, now: start) == nil)
    }

    @Test("It ends after its last operation, when it is idle for long, and when it has grown")
    func retirement() throws {
        var conversation = ready()
        for _ in 1...3 {
            let number = try ask(&conversation).number
            _ = conversation.received(.began(number, pid: 7), now: start)
            let actions = conversation.received(.ended(number, .exited(0), resident: 1), now: start)
            #expect(actions.contains(.close) == (number == 3))
        }
        #expect(!conversation.isOpen)

        var idle = ready()
        #expect(idle.tick(now: after(599)).isEmpty)
        #expect(idle.tick(now: after(600)) == [.close])

        var grown = ready()
        let number = try ask(&grown).number
        _ = grown.received(.began(number, pid: 7), now: start)
        #expect(grown.received(.ended(number, .exited(0), resident: 1001), now: start).contains(.close))
    }

    @Test("A refusal for good and changed files end the parent, a refusal for now does not")
    func refusals() throws {
        for (message, closes) in [
            (WarmMessage.cold(1, because: "x", always: true), true), (.cold(1, because: "x", always: false), false),
            (.stale(1, because: "x"), true),
        ] {
            var conversation = ready()
            _ = try ask(&conversation)
            #expect(conversation.received(message, now: start).contains(.close) == closes)
            #expect(conversation.isOpen == !closes)
        }
        var unfit = WarmConversation(settings: settings, now: start)
        let number = try ask(&unfit).number
        let verdict = WarmVerdict(reason: "x", always: true)
        #expect(unfit.received(.unfit("x"), now: start) == [.answer(number, .cold(verdict)), .close])
    }

    @Test("Lines are read as what they say, and nonsense as nothing")
    func messages() {
        func read(_ text: String) -> WarmMessage? { WarmMessage(line: ArraySlice(text.utf8)) }
        #expect(read(#"{"ready": 7}"#) == .ready)
        #expect(read(#"{"began": 1, "pid": 2}"#) == .began(1, pid: 2))
        #expect(read(#"{"ended": 1, "resident": 5, "signal": 9}"#) == .ended(1, .signalled(9), resident: 5))
        #expect(read(#"{"cold": 1, "because": "x", "always": true}"#) == .cold(1, because: "x", always: true))
        for nonsense in ["", "x", "[]", "{}", #"{"ended": 1}"#, #"{"began": 1, "pid": 99999999999}"#] {
            #expect(read(nonsense) == nil)
        }
    }
}
