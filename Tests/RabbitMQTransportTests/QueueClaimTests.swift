import Testing

@testable import RabbitMQTransport

@Suite("Claiming a queue")
struct QueueClaimTests {
    @Test("A queue in use is asked for with growing pauses, the last time when the patience is over, never after")
    func pauses() {
        let start = ContinuousClock.now
        var now = start
        var claim = QueueClaim(patience: .seconds(20))
        var pauses: [Duration] = []
        while let pause = claim.refused(at: now) {
            pauses.append(pause)
            now += pause
        }
        #expect(pauses.prefix(6).map { $0 / .milliseconds(1) } == [250, 500, 1000, 2000, 4000, 5000])
        #expect(now - start == .seconds(20))
        #expect(claim.refusals == pauses.count + 1)
        #expect(claim.refused(at: now + .seconds(1)) == nil)
    }
}
