import TestRandomness
import Testing

@testable import AMQPClient

@Suite("Acknowledgement ledger")
struct AckLedgerTests {
    private func expectFlush(
        _ ledger: inout AckLedger, _ expected: [AckLedger.Action], sourceLocation: SourceLocation = #_sourceLocation
    ) {
        var actions: [AckLedger.Action] = []
        ledger.flush { actions.append($0) }
        #expect(actions == expected, sourceLocation: sourceLocation)
    }

    private func ledger(delivered count: UInt64) -> AckLedger {
        var ledger = AckLedger()
        for tag in 1...count { expectDelivery(of: tag, to: &ledger, true) }
        return ledger
    }

    private func expectDelivery(of tag: UInt64, to ledger: inout AckLedger, _ isTaken: Bool) {
        let taken = ledger.delivered(tag)
        #expect(taken == isTaken)
    }

    @Test("Tags that are due in a row are acknowledged with one frame")
    func contiguous() {
        var ledger = ledger(delivered: 5)
        for tag: UInt64 in [3, 1, 2] { ledger.acknowledge(tag) }
        expectFlush(&ledger, [.acknowledge(tag: 3, multiple: true)])
        expectFlush(&ledger, [])
        #expect(ledger.openCount == 2)
    }

    @Test("A tag beyond a gap is acknowledged alone, and the gap later without it")
    func gap() {
        var ledger = ledger(delivered: 5)
        ledger.acknowledge(2)
        ledger.acknowledge(5)
        expectFlush(&ledger, [.acknowledge(tag: 2, multiple: false), .acknowledge(tag: 5, multiple: false)])
        for tag: UInt64 in [1, 3] { ledger.acknowledge(tag) }
        expectFlush(&ledger, [.acknowledge(tag: 3, multiple: true)])
        ledger.acknowledge(4)
        expectFlush(&ledger, [.acknowledge(tag: 4, multiple: false)])
        #expect(ledger.openCount == 0)
    }

    @Test("A rejected tag is rejected first, so that a frame for several may pass over it")
    func rejection() {
        var ledger = ledger(delivered: 3)
        ledger.acknowledge(3)
        ledger.acknowledge(1)
        ledger.reject(2, requeue: true)
        expectFlush(&ledger, [.reject(tag: 2, requeue: true), .acknowledge(tag: 3, multiple: true)])
    }

    @Test("Settling twice, or settling what was never delivered, does nothing")
    func unknownTags() {
        var ledger = ledger(delivered: 2)
        for tag: UInt64 in [0, 1, 1, 3, .max] { ledger.acknowledge(tag) }
        ledger.reject(1, requeue: false)
        expectFlush(&ledger, [.acknowledge(tag: 1, multiple: false)])
        ledger.acknowledge(1)
        expectFlush(&ledger, [])
    }

    @Test("A delivery tag out of order is refused")
    func disorder() {
        var ledger = ledger(delivered: 2)
        for tag: UInt64 in [2, 4, 0] { expectDelivery(of: tag, to: &ledger, false) }
        expectDelivery(of: 3, to: &ledger, true)
    }

    @Test(
        "Whatever the order, every tag is settled exactly once, and none before it is due",
        arguments: 0..<200 as Range<UInt64>)
    func property(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var ledger = AckLedger()
        var broker = BrokerModel()
        var open: [UInt64] = []
        for _ in 0..<400 {
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<4:
                broker.lastDelivered += 1
                expectDelivery(of: broker.lastDelivered, to: &ledger, true)
                open.append(broker.lastDelivered)
            case 4..<8 where !open.isEmpty:
                let tag = open.remove(at: Int.random(in: 0..<open.count, using: &generator))
                if Int.random(in: 0..<8, using: &generator) == 0 {
                    ledger.reject(tag, requeue: true)
                    broker.mayReject.insert(tag)
                } else {
                    ledger.acknowledge(tag)
                    broker.mayAcknowledge.insert(tag)
                }
            case 8: ledger.flush { broker.apply($0) }
            default: ledger.acknowledge(broker.lastDelivered + 7)
            }
        }
        for tag in open {
            ledger.acknowledge(tag)
            broker.mayAcknowledge.insert(tag)
        }
        ledger.flush { broker.apply($0) }
        #expect(broker.violations == [])
        #expect(broker.settled.count == Int(broker.lastDelivered))
        #expect(ledger.openCount == 0)
    }

    /// What a broker does with the frames, and what it would object to.
    private struct BrokerModel {
        var lastDelivered: UInt64 = 0
        var mayAcknowledge: Set<UInt64> = []
        var mayReject: Set<UInt64> = []
        var settled: Set<UInt64> = []
        var violations: [String] = []

        mutating func apply(_ action: AckLedger.Action) {
            switch action {
            case .acknowledge(let tag, let multiple):
                if settled.contains(tag) || tag > lastDelivered || tag == 0 { violations.append("unknown tag \(tag)") }
                for each in multiple ? Array(1...tag) : [tag] where !settled.contains(each) {
                    if !mayAcknowledge.contains(each) { violations.append("\(each) was not due") }
                    settled.insert(each)
                }
            case .reject(let tag, _):
                if settled.contains(tag) || !mayReject.contains(tag) {
                    violations.append("\(tag) must not be rejected")
                }
                settled.insert(tag)
            }
        }
    }
}
