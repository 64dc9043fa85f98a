import AgentExecutors
import AgentProtocol
import Logging
import TestRandomness
import Testing

@testable import AgentRuntime

@Suite("Telemetry spool, many destinations", .timeLimit(.minutes(3)))
struct SpoolLanesTests {
    private let inner = ScriptedTelemetrySink()
    private let store = InMemoryTelemetryStore()

    private func destination(_ number: Int) -> TelemetryDestination {
        var task = OperationTaskContext(taskName: "t")
        task.executionID = "e\(number)"
        return TelemetryDestination(task)
    }

    private func sink() -> SpoolingTelemetrySink {
        SpoolingTelemetrySink(
            inner: inner, store: store, room: 1 << 20, maximumBytes: 1 << 30, timers: TimerThread(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func record(_ number: Int, _ destination: TelemetryDestination) -> TelemetryRecord {
        TelemetryRecord(kind: .log, body: [UInt8(number % 256)], sequence: number, stream: 1, destination: destination)
    }

    @Test("While one destination gets no answer, others pass straight through; it goes on when it gets one")
    func independence() async {
        let sink = sink()
        sink.start()
        inner.hold()
        let stuck = destination(1)
        for number in 1...3 { sink.send(record(number, stuck)) { _ in } }
        await inner.holding(3)
        await store.storing(3)
        let going = destination(2)
        for number in 1...100 { sink.send(record(number, going)) { _ in } }
        await inner.holding(103)
        for _ in 0..<100 { inner.answer(3, .arrived) }
        #expect(inner.arrived.map(\.sequence) == (1...100).map { $0 })
        #expect(sink.status.waiting == 3)
        inner.release()
        await inner.arrivals(103)
        #expect(inner.arrived.suffix(3).map(\.sequence) == [1, 2, 3])
    }

    @Test("What is unwanted is lost and counted, and what waits behind it is not held up")
    func unwanted() async {
        let sink = sink()
        sink.start()
        inner.hold()
        let one = destination(1)
        for number in 1...3 { sink.send(record(number, one)) { _ in } }
        await inner.holding(3)
        inner.answer(0, .unwanted("401"))
        inner.release()
        await inner.arrivals(2)
        #expect(inner.arrived.map(\.sequence) == [2, 3])
        #expect(sink.status == TelemetryStatus(waiting: 0, unwanted: 1))
    }

    @Test("What the next process finds of many destinations it sends, each in order before anything new of it")
    func restart() async {
        let first = sink()
        inner.hold()
        first.start()
        let destinations = (1...5).map(destination)
        for number in 1...40 { for destination in destinations { first.send(record(number, destination)) { _ in } } }
        await first.close(within: .seconds(30))
        #expect(store.count == 200)
        let second = ScriptedTelemetrySink()
        let next = SpoolingTelemetrySink(
            inner: second, store: store, room: 1 << 20, maximumBytes: 1 << 30, timers: TimerThread(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        for destination in destinations { next.send(record(41, destination)) { _ in } }
        next.start()
        await second.arrivals(205)
        for destination in destinations {
            let numbers = second.arrived.filter { $0.destination == destination }.map(\.sequence)
            #expect(numbers == (1...41).map { $0 })
        }
    }

    @Test("A lane is gone when nothing is left in it, and places are never used twice")
    func lifetime() {
        var lanes = SpoolLanes(limits: .init())
        _ = lanes.start(TelemetryInventory(), base: 0)
        var places = Set<Int64>()
        for number in 1...1_000 {
            let one = destination(number)
            guard case .pass(let place, _) = lanes.use(one, { $0.admit(record(1, one), hasRoom: true) { _ in } }) else {
                Issue.record("it waits")
                return
            }
            #expect(places.insert(place).inserted)
            #expect(lanes.totals.open == 1)
            _ = lanes.use(one) { $0.settle(place, .arrived) }
            _ = lanes.use(one) { $0.look() }
        }
        #expect(lanes.count == 0)
        #expect(lanes.totals == SpoolLanes.Totals())
    }
}
