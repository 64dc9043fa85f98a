import TestRandomness
import Testing

@testable import AgentExecutors

@Suite("Timer wheel")
struct TimerWheelTests {
    @Test("Nothing comes out before its deadline, everything at most one slot after it")
    func precision() {
        var generator = SeededGenerator(seed: 7)
        var wheel = TimerWheel<MonotonicInstant>()
        var expected = 0
        let start = MonotonicInstant(nanoseconds: 5_000_000_000)
        for _ in 0..<2_000 {
            let deadline = start.advanced(by: .milliseconds(Int.random(in: 0..<60_000, using: &generator)))
            _ = wheel.add(deadline, at: deadline, now: start)
            expected += 1
        }
        var now = start
        var seen = 0
        while let next = wheel.nextDeadline {
            now = max(now, next)
            for deadline in wheel.removeDue(at: now) {
                seen += 1
                #expect(deadline <= now)
                let isFar = deadline.duration(since: start) > .seconds(10)
                #expect(now.duration(since: deadline) <= (isFar ? .seconds(1) : .milliseconds(20)))
            }
        }
        #expect(seen == expected)
    }

    @Test("What was removed never comes out, and far deadlines that are removed at once leave few slots behind")
    func removal() {
        var wheel = TimerWheel<Int>()
        let now = MonotonicInstant(nanoseconds: 0)
        for number in 0..<100_000 {
            let deadline = now.advanced(by: .seconds(1_800) + .microseconds(number))
            wheel.remove(wheel.add(number, at: deadline, now: now))
        }
        #expect(wheel.slotCount <= 3)
        #expect(wheel.removeDue(at: now.advanced(by: .seconds(4_000))).isEmpty)
    }
}
