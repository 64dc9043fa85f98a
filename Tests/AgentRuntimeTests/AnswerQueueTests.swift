import Testing

@testable import AgentRuntime

@Suite("Answers on their way out")
struct AnswerQueueTests {
    private let now = ContinuousClock.now

    private func answer(_ number: Int, _ usefulness: Duration = .seconds(30)) -> AnswerQueue.Answer {
        AnswerQueue.Answer(
            reply: OutgoingReply(address: "a", correlationID: "\(number)", body: []), expiry: now + usefulness)
    }

    private func drain(_ queue: inout AnswerQueue, at time: ContinuousClock.Instant) -> [String] {
        var numbers: [String] = []
        while let answer = queue.next(at: time) { numbers.append(answer.reply.correlationID ?? "") }
        return numbers
    }

    @Test("Only so many are sent at once; a sender that ends makes room for another")
    func senders() {
        var queue = AnswerQueue(capacity: 10, senderLimit: 2)
        let mayBegin = (0..<4).map { queue.add(answer($0)) }
        #expect(mayBegin == [true, true, false, false])
        #expect(drain(&queue, at: now) == ["0", "1", "2", "3"])
        let replaces = (4..<6).map { queue.add(answer($0)) }
        #expect(replaces == [true, false])
    }

    @Test("An answer that nobody waits for any more is dropped when it is its turn, and counted")
    func expired() {
        var queue = AnswerQueue(capacity: 10, senderLimit: 1)
        for number in 0..<5 { _ = queue.add(answer(number, .seconds(number))) }
        #expect(drain(&queue, at: now + .seconds(2)) == ["3", "4"])
        let dropped = (0..<2).map { _ in queue.takeDropped() }
        #expect(dropped == [3, 0])
    }

    @Test("A full line drops the answer that expires first, so that pongs give way to rarer answers")
    func full() {
        var queue = AnswerQueue(capacity: 3, senderLimit: 1)
        _ = queue.add(answer(0, .seconds(600)))
        for number in 1...5 { _ = queue.add(answer(number, .seconds(number))) }
        #expect(drain(&queue, at: now) == ["0", "4", "5"])
        let dropped = queue.takeDropped()
        #expect(dropped == 3)
    }
}
