import Testing

@testable import AMQPClient

@Suite("The pace of the I/O thread")
struct TurnPaceTests {
    private func at(_ milliseconds: UInt64) -> MonotonicTime { MonotonicTime(nanoseconds: milliseconds * 1_000_000) }

    private func note(_ count: UInt64, _ pace: inout TurnPace) {
        for _ in 0..<count { pace.note() }
    }

    /// A pace that has just seen one window full of messages.
    private func busyPace(until end: UInt64) -> TurnPace {
        var pace = TurnPace()
        _ = pace.rest(at: at(end - 5), underWay: 100)
        note(TurnPace.threshold, &pace)
        _ = pace.rest(at: at(end), underWay: 100)
        return pace
    }

    @Test("The thread rests once a whole window was full of messages, and not before")
    func load() {
        var pace = TurnPace()
        #expect(pace.rest(at: at(100), underWay: 100) == nil)
        note(TurnPace.threshold, &pace)
        #expect(pace.rest(at: at(104), underWay: 100) == nil)
        #expect(pace.rest(at: at(105), underWay: 100) == TurnPace.rest)
        #expect(pace.rest(at: at(109), underWay: 100) == TurnPace.rest)
    }

    @Test("One message less than the threshold, and the thread does not rest")
    func belowThreshold() {
        var pace = TurnPace()
        _ = pace.rest(at: at(100), underWay: 100)
        note(TurnPace.threshold - 1, &pace)
        #expect(pace.rest(at: at(105), underWay: 100) == nil)
    }

    @Test("Whoever waits for one answer after the other never meets a rest, however fast the answers come")
    func oneAtATime() {
        var pace = busyPace(until: 105)
        #expect(pace.rest(at: at(106), underWay: 1) == nil)
        #expect(pace.rest(at: at(106), underWay: TurnPace.crowd - 1) == nil)
        #expect(pace.rest(at: at(106), underWay: TurnPace.crowd) == TurnPace.rest)
    }

    @Test("When the rate falls, the rests end with the window")
    func lull() {
        var pace = busyPace(until: 105)
        note(3, &pace)
        #expect(pace.rest(at: at(110), underWay: 100) == nil)
    }

    @Test("A burst before a long silence does not slow down what comes after it")
    func burst() {
        var pace = busyPace(until: 105)
        note(TurnPace.threshold * 3, &pace)
        #expect(pace.rest(at: at(10_000), underWay: 100) == nil)
    }
}
