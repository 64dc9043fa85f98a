import AMQPClient
import Testing

@testable import RabbitMQTransport

@Suite("Keeping a queue")
struct QueueOwnershipTests {
    private let refusal = AMQPConnectionEvent.channelClosed(
        AMQPError(.accessRefused, "ACCESS_REFUSED - queue 'q' in vhost '/' in exclusive use"))
    private let start = ContinuousClock.now
    private var ownership = QueueOwnership(queue: "q", patience: .seconds(60))

    @Test(
        "A queue in use is waited for until the patience is over: said at the first refusal and at the first after it")
    mutating func lost() {
        #expect(ownership.note(.channelClosed(AMQPError(.notFound, "no queue")), at: start) == nil)
        #expect(ownership.note(refusal, at: start) == .refused(limit: .seconds(60)))
        #expect(ownership.note(refusal, at: start + .seconds(59)) == nil)
        // The queue of service tasks is nobody's alone, and says nothing.
        #expect(ownership.note(.consuming(queue: "q_service"), at: start + .seconds(59)) == nil)
        guard case .lost(let error) = ownership.note(refusal, at: start + .seconds(61)) else {
            Issue.record("the queue is not given up")
            return
        }
        #expect(error.meansExclusiveUse)
    }

    @Test("The patience begins anew when the queue was regained, and when the connection was lost")
    mutating func anew() {
        #expect(ownership.note(.consuming(queue: "q"), at: start) == nil)
        _ = ownership.note(refusal, at: start)
        #expect(ownership.note(.consuming(queue: "q"), at: start + .seconds(30)) == .regained)
        #expect(ownership.note(refusal, at: start + .seconds(90)) == .refused(limit: .seconds(60)))
        // Who refuses after a reconnect may be this agent's own dead connection.
        #expect(ownership.note(.lost(AMQPError(.connectionLost, "cut")), at: start + .seconds(91)) == nil)
        #expect(ownership.note(refusal, at: start + .seconds(200)) == .refused(limit: .seconds(60)))
    }
}
