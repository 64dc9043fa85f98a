import AMQPClient
import Testing

@testable import OperativeAgent

@Suite("Status line")
struct BrokerStatusTests {
    private let endpoint = AMQPEndpoint(host: "b")
    private let gone = AMQPError(.connectionLost, "silent")

    @Test("It says whether tasks are taken and outcomes get out, for each connection by itself")
    func lines() {
        var status = BrokerStatus(operationQueue: "q")
        #expect(status.line == "consuming from q")
        #expect(status.isReady)
        func note(_ event: AMQPConnectionEvent, _ connection: String) -> String? { status.note(event, of: connection) }
        let lines = [
            note(.blocked(reason: "low on memory"), "publish"),
            note(.unblocked, "publish"),
            note(.lost(gone), "consume"),
            note(.lost(gone), "publish"),
            // The other connection's return is no reason to be ready.
            note(.connected(endpoint), "publish"),
            note(.connected(endpoint), "consume"),
            note(.consuming(queue: "q_service"), "consume"),
            note(.consuming(queue: "q"), "consume"),
            note(.consumerCancelled(tag: "t", queue: "q"), "consume"),
            note(.channelClosed(AMQPError(.accessRefused, "queue 'q' in exclusive use")), "consume"),
            note(.consuming(queue: "q"), "consume"),
            note(.consumerCancelled(tag: "t", queue: "q"), "consume"),
        ]
        #expect(
            lines == [
                "consuming from q; outcomes wait, blocked by the broker: low on memory",
                "consuming from q",
                "not consuming, broker out of reach: silent",
                nil,
                nil,
                "not consuming yet: declaring q",
                nil,
                "consuming from q",
                "not consuming yet: declaring q",
                "not consuming: waiting for another consumer to let go of q",
                "consuming from q",
                "not consuming yet: declaring q",
            ])
        #expect(!status.isReady)
    }
}
