import TestRandomness
import Testing

@testable import AMQPClient

@Suite("Back-off, heartbeats and timers")
struct TimingTests {
    @Test("The bound of the wait doubles up to the maximum and starts over after a success")
    func bound() {
        var backoff = Backoff(AMQPReconnectPolicy(base: .milliseconds(500), maximum: .seconds(3)))
        var generator = SeededGenerator(seed: 1)
        var bounds: [Duration] = []
        for _ in 0..<5 {
            bounds.append(backoff.bound)
            let range = Duration.zero...backoff.bound
            let wait = backoff.next(using: &generator)
            #expect(range.contains(wait))
        }
        #expect(bounds == [.milliseconds(500), .seconds(1), .seconds(2), .seconds(3), .seconds(3)])
        backoff.reset()
        #expect(backoff.bound == .milliseconds(500))
    }

    @Test("The waits are spread over the whole range, so that agents do not come back in step")
    func jitter() {
        var generator = SeededGenerator(seed: 2)
        let waits = (0..<1000).map { _ in
            var backoff = Backoff(AMQPReconnectPolicy(base: .seconds(1), maximum: .seconds(30)))
            return backoff.next(using: &generator)
        }
        for tenth in 0..<10 {
            let range = Duration.milliseconds(tenth * 100)..<Duration.milliseconds(tenth * 100 + 100)
            #expect((60...140).contains(waits.count { range.contains($0) }))
        }
    }

    @Test(
        "Endless failures and senseless policies do not overflow",
        arguments: [
            AMQPReconnectPolicy(base: .seconds(1), maximum: .seconds(Int64.max / 2)),
            AMQPReconnectPolicy(base: .zero, maximum: .zero),
            AMQPReconnectPolicy(base: .seconds(-1), maximum: .seconds(-5)),
        ])
    func extremes(policy: AMQPReconnectPolicy) {
        var backoff = Backoff(policy)
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<100 {
            let wait = backoff.next(using: &generator)
            #expect(wait >= .zero)
        }
    }

    @Test(
        "A heartbeat is sent after half of the interval of silence, and two intervals without a word end the patience")
    func heartbeat() {
        func at(_ seconds: Double) -> MonotonicTime { MonotonicTime(nanoseconds: UInt64(seconds * 1e9)) }
        var monitor = HeartbeatMonitor(seconds: 10, now: at(100))
        #expect(monitor.action(at: at(104.9)) == .nothing)
        #expect(monitor.nextDeadline == at(105))
        #expect(monitor.action(at: at(105)) == .send)
        monitor.sent(at: at(105))
        #expect(monitor.action(at: at(109)) == .nothing)
        monitor.sent(at: at(110))
        monitor.sent(at: at(119))
        #expect(monitor.action(at: at(119.9)) == .nothing)
        #expect(monitor.nextDeadline == at(120))
        #expect(monitor.action(at: at(120)) == .giveUp)
        monitor.received(at: at(119.95))
        #expect(monitor.action(at: at(120)) == .nothing)
    }

    @Test("Without a negotiated heartbeat nobody is given up")
    func noHeartbeat() {
        let monitor = HeartbeatMonitor(seconds: 0, now: MonotonicTime(nanoseconds: 0))
        #expect(monitor.action(at: MonotonicTime(nanoseconds: .max)) == .nothing)
        #expect(monitor.nextDeadline == nil)
    }

    @Test("Timers fire once, earliest first, and not when cancelled")
    func timers() {
        func at(_ nanoseconds: UInt64) -> MonotonicTime { MonotonicTime(nanoseconds: nanoseconds) }
        var queue = TimerQueue()
        var fired: [String] = []
        _ = queue.add(at: at(30)) { fired.append("c") }
        _ = queue.add(at: at(10)) { fired.append("a") }
        let cancelled = queue.add(at: at(5)) { fired.append("x") }
        _ = queue.add(at: at(20)) { fired.append("b") }
        #expect(queue.nextDeadline == at(5))
        queue.cancel(cancelled)
        #expect(queue.nextDeadline == at(10))
        for fire in queue.takeDue(at: at(9)) { fire() }
        #expect(fired == [])
        for fire in queue.takeDue(at: at(20)) { fire() }
        #expect(fired == ["a", "b"])
        #expect(queue.nextDeadline == at(30))
        for fire in queue.takeAll() { fire() }
        #expect(fired == ["a", "b", "c"])
        #expect(queue.nextDeadline == nil)
    }
}
