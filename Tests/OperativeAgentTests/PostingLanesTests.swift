import AgentProtocol
import AgentRuntime
import Operative
import TestRandomness
import Testing

@testable import OperativeAgent

/// The lanes are what decides; these tests play managers and whoever sends again, without threads, clocks and network.
@Suite("Posting to managers, decisions")
struct PostingLanesTests {
    @Test(
        "Whatever the answers and their order, each record is settled once for each time it was handed over, in order in its execution",
        arguments: 0..<60 as Range<UInt64>)
    func anyOrder(seed: UInt64) {
        var world = PostingWorld(seed: seed)
        for _ in 0..<1_500 { world.step() }
        world.finish()
        for lane in world.destinations.indices {
            #expect(world.arrived[lane] == Array(1...world.produced[lane]).filter { !world.gone[lane].contains($0) })
        }
        #expect(world.lanes.isEmpty)
        #expect(world.lanes.pendingBytes == 0)
    }

    @Test("Many executions that get no answer hold up no execution of another manager")
    func independence() {
        var lanes = PostingLanes()
        var posted: [String] = []
        for number in 1...100 {
            let consequence = lanes.add(record(number), for: destination("stuck\(number)", host: "dead")) { _ in }
            posted += consequence.batches.map { $0.destination.executionID ?? "" }
        }
        #expect(posted.count == 8)
        let going = destination("going", host: "alive")
        for number in 1...10 {
            let consequence = lanes.add(record(number), for: going) { _ in }
            #expect(consequence.batches.count == 1)
            #expect(lanes.finish(going, .stored, now: .zero).settled.map(\.delivery) == [.arrived])
        }
    }

    @Test("403 is waited out for a minute, then it is a refusal")
    func forbidden() {
        var lanes = PostingLanes()
        let one = destination("e", host: "h")
        func ask(_ now: Duration) -> TelemetryDelivery? {
            _ = lanes.add(record(1), for: one) { _ in }
            return lanes.finish(one, .forbidden("403"), now: now).settled.first?.delivery
        }
        #expect(ask(.seconds(5)) == .undelivered)
        #expect(ask(.seconds(64)) == .undelivered)
        #expect(ask(.seconds(65)) == .unwanted("403"))
        _ = lanes.add(record(1), for: one) { _ in }
        _ = lanes.finish(one, .stored, now: .seconds(66))
        #expect(ask(.seconds(67)) == .undelivered)
    }

    @Test(
        "A record that a manager fails over by itself for five minutes is given up; what says so is not, however long that takes"
    )
    func broken() {
        var lanes = PostingLanes()
        let one = destination("e", host: "h")
        func ask(_ now: Duration, _ outcome: PostOutcome, missing: Int = 0) -> TelemetryDelivery? {
            let record = TelemetryRecord(kind: .log, body: [1], sequence: 1, missing: missing)
            _ = lanes.add(record, for: one) { _ in }
            return lanes.finish(one, outcome, now: now).settled.first?.delivery
        }
        #expect(ask(.seconds(0), .serverError("500")) == .undelivered)
        #expect(ask(.seconds(200), .outage("502")) == .undelivered)
        #expect(ask(.seconds(210), .serverError("500")) == .undelivered)
        #expect(ask(.seconds(509), .serverError("500")) == .undelivered)
        #expect(ask(.seconds(510), .serverError("500")) == .refused("500"))
        for minute in 10...100 {
            #expect(ask(.seconds(60 * minute), .serverError("500"), missing: 1) == .undelivered)
        }
        #expect(ask(.seconds(6_060), .stored) == .arrived)
        #expect(ask(.seconds(6_061), .serverError("500")) == .undelivered)
        #expect(ask(.seconds(6_300), .serverError("500")) == .undelivered)
    }
}

private func destination(_ execution: String, host: String) -> TelemetryDestination {
    var task = OperationTaskContext(taskName: "t")
    task.executionID = execution
    task.restHosts = [host]
    return TelemetryDestination(task)
}

private func record(_ number: Int, bytes: Int = 10) -> TelemetryRecord {
    TelemetryRecord(kind: .log, body: [UInt8](repeating: 1, count: bytes), sequence: number)
}

/// Managers that answer at random, and a sender that hands over again what was not delivered, oldest first, as the spool does.
private struct PostingWorld {
    var random: SeededGenerator
    var lanes = PostingLanes(limits: limits)
    let destinations: [TelemetryDestination]
    var underWay: [PostingLanes.Batch] = []
    var produced: [Int]
    /// Handed over and not settled, in order.
    var open: [[Int]]
    var failed: [[Int]]
    var arrived: [[Int]]
    var gone: [Set<Int>]
    var mayFail = true
    var now = Duration.zero

    static let limits = PostingLanes.Limits(batchBytes: 500, batchRecords: 8, requestsPerManager: 2)

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        destinations = (0..<7).map { destination("e\($0)", host: "h\($0 % 2)") }
        produced = Array(repeating: 0, count: 7)
        open = Array(repeating: [], count: 7)
        failed = open
        arrived = open
        gone = Array(repeating: [], count: 7)
    }

    mutating func step() {
        let lane = Int.random(in: 0..<7, using: &random)
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<5 where failed[lane].isEmpty:
            produced[lane] += 1
            add(produced[lane], lane)
        case 5..<9: answer()
        default: sendAgain(lane)
        }
        now += .seconds(1)
    }

    mutating func finish() {
        mayFail = false
        for _ in 0..<100_000 where !underWay.isEmpty || failed.contains(where: { !$0.isEmpty }) {
            answer()
            for lane in 0..<7 { sendAgain(lane) }
        }
    }

    private mutating func sendAgain(_ lane: Int) {
        guard open[lane].isEmpty else { return }
        let again = failed[lane].sorted()
        failed[lane] = []
        for number in again { add(number, lane) }
    }

    private mutating func add(_ number: Int, _ lane: Int) {
        open[lane].append(number)
        let bytes = Int.random(in: 0..<20, using: &random) == 0 ? 900 : 60
        follow(lanes.add(record(number, bytes: bytes), for: destinations[lane]) { _ in })
    }

    private mutating func follow(_ consequence: PostingLanes.Consequence) {
        for batch in consequence.batches {
            #expect(!underWay.contains { $0.destination == batch.destination })
            let bytes = batch.records.reduce(0) { $0 + $1.body.count }
            #expect(batch.records.count == 1 || (bytes <= 500 && batch.records.count <= 8))
            underWay.append(batch)
            #expect(underWay.count { $0.destination.hosts == batch.destination.hosts } <= 2)
        }
    }

    private mutating func answer() {
        guard let index = underWay.indices.randomElement(using: &random) else { return }
        let batch = underWay.remove(at: index)
        let outcome: PostOutcome =
            switch mayFail ? Int.random(in: 0..<16, using: &random) : 0 {
            case 10: .outage("")
            case 11: .serverError("")
            case 12: .forbidden("")
            case 13: .unacceptable("")
            case 14: .refused("")
            default: .stored
            }
        guard let lane = destinations.firstIndex(of: batch.destination) else { return }
        let consequence = lanes.finish(batch.destination, outcome, now: now)
        for (_, delivery) in consequence.settled {
            guard !open[lane].isEmpty else {
                Issue.record("settled twice")
                return
            }
            let number = open[lane].removeFirst()
            switch delivery {
            case .arrived: arrived[lane].append(number)
            case .undelivered: failed[lane].append(number)
            case .unwanted, .refused: gone[lane].insert(number)
            case .stored: Issue.record("nothing is stored here")
            }
        }
        follow(consequence)
    }
}
