import AgentExecutors
import AgentRuntime
import Logging
import Operative
import Synchronization
import Testing

@Suite("Telemetry spool", .timeLimit(.minutes(3)))
struct SpoolingTelemetrySinkTests {
    private let inner = ScriptedTelemetrySink()
    private let store = InMemoryTelemetryStore()

    private func sink() -> SpoolingTelemetrySink {
        let sink = SpoolingTelemetrySink(
            inner: inner, store: store, room: 1 << 20, maximumBytes: 1 << 30, timers: TimerThread(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        sink.start()
        return sink
    }

    private func send(_ numbers: ClosedRange<Int>, to sink: SpoolingTelemetrySink) {
        for number in numbers {
            sink.send(TelemetryRecord(kind: .log, body: Array("\(number)".utf8), sequence: number, stream: 1)) { _ in }
        }
    }

    @Test(
        "What is not confirmed and what follows goes to the disk, and arrives once and in order when the sink works again"
    )
    func stall() async {
        let sink = sink()
        inner.hold()
        send(1...10, to: sink)
        await inner.holding(1)
        await store.storing(10)
        send(11...2_000, to: sink)
        await store.storing(2_000)
        // The sink learns a moment after the store that everything is stored.
        let deadline = ContinuousClock.now + .seconds(60)
        while sink.pendingBytes > 0, ContinuousClock.now < deadline { try? await Task.sleep(for: .milliseconds(2)) }
        #expect(sink.pendingBytes == 0)
        inner.release()
        await inner.arrivals(2_000)
        #expect(inner.arrived.map(\.sequence) == (1...2_000).map { $0 })
    }

    @Test("A record that did not arrive is sent again until it does, and what comes after it waits")
    func undelivered() async {
        let sink = sink()
        send(1...1, to: sink)
        await inner.arrivals(1)
        inner.hold()
        send(2...3, to: sink)
        await inner.holding(2)
        inner.answer(0, .undelivered)
        send(4...6, to: sink)
        inner.answer(0, .arrived)
        for _ in 0..<8 {
            await inner.holding(1)
            inner.answer(0, .undelivered)
        }
        inner.release()
        await inner.arrivals(6)
        #expect(inner.arrived.map(\.sequence) == [1, 3, 2, 4, 5, 6])
    }

    @Test("Told that there is no reason to wait, it sends again at once what has failed")
    func hurry() async {
        let sink = sink()
        inner.hold()
        send(1...1, to: sink)
        // With the pauses of an outage this would take longer than the test may.
        for _ in 0..<60 {
            await inner.holding(1)
            inner.answer(0, .undelivered)
            sink.hurry(nil)
        }
        inner.release()
        await inner.arrivals(1)
        #expect(inner.arrived.map(\.sequence) == [1])
    }

    @Test("A record that will never be taken is replaced by one that says so, and the others go on")
    func refused() async throws {
        let sink = sink()
        send(1...1, to: sink)
        await inner.arrivals(1)
        inner.hold()
        send(2...3, to: sink)
        await inner.holding(2)
        inner.answer(0, .refused("too large"))
        inner.release()
        send(4...4, to: sink)
        await inner.arrivals(4)
        #expect(inner.arrived.map(\.sequence) == [1, 3, 2, 4])
        let declaration = try #require(inner.arrived.first { $0.missing > 0 })
        #expect(declaration.missing == 1)
        #expect(
            try PropertyValue(json: declaration.body)["message"]?["text"]?.stringValue
                == "1 record missing here: too large")
    }

    @Test("What was not confirmed when the agent ended is sent by the next one, before anything new")
    func restart() async {
        let first = sink()
        inner.hold()
        send(1...300, to: first)
        await first.close(within: .seconds(30))
        #expect(store.count == 300)
        let second = ScriptedTelemetrySink()
        let next = SpoolingTelemetrySink(
            inner: second, store: store, room: 1 << 20, maximumBytes: 1 << 30, timers: TimerThread(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        send(301...310, to: next)
        next.start()
        send(311...320, to: next)
        await second.arrivals(320)
        #expect(second.arrived.map(\.sequence) == (1...320).map { $0 })
    }

    @Test("With a full disk records wait in memory, are counted there, and arrive; with room again they are stored")
    func fullDisk() async {
        let sink = sink()
        inner.hold()
        store.fill()
        send(1...1, to: sink)
        inner.reportPending(bytes: 2 << 20)
        send(2...101, to: sink)
        #expect(sink.pendingBytes >= 100 * 256)
        store.fill(false)
        await store.storing(100)
        inner.reportPending(bytes: 0)
        inner.release()
        await inner.arrivals(101)
        #expect(inner.arrived.map(\.sequence) == (1...101).map { $0 })
        #expect(sink.pendingBytes == 0)
    }

    @Test("Everything on disk up to a place is waited for, and not what comes later")
    func onceOut() async {
        let sink = sink()
        inner.hold()
        let places = Mutex<[Int64]>([])
        sink.send(TelemetryRecord(kind: .event, body: [1], sequence: 1, stream: 1)) { delivery in
            if case .stored(let place) = delivery { places.withLock { $0.append(place) } }
        }
        await store.storing(1)
        send(2...2, to: sink)
        await store.storing(2)
        let isOut = Signal()
        guard let place = places.withLock({ $0.first }) else {
            Issue.record("not told that it is stored")
            return
        }
        _ = sink.onceOut(place, of: nil) { isOut.set() }
        #expect(!isOut.isSet)
        inner.answer(0, .arrived)
        await isOut.wait()
        #expect(inner.arrived.count == 1)
    }
}
