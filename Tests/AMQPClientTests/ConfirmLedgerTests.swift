import TestRandomness
import Testing

@testable import AMQPClient

@Suite("Confirm ledger")
struct ConfirmLedgerTests {
    private typealias Ledger = ConfirmLedger<String>

    private struct Verdicts: Equatable {
        var list: [String] = []
        mutating func add(_ message: String, _ verdict: ConfirmLedger<String>.Verdict) {
            switch verdict {
            case .confirmed: list.append("\(message) confirmed")
            case .nacked: list.append("\(message) nacked")
            case .returned(let code, _): list.append("\(message) returned \(code)")
            }
        }
    }

    private func ledger(_ messages: String...) -> Ledger {
        var ledger = Ledger()
        for message in messages { ledger.published(message) }
        return ledger
    }

    @Test("A multiple confirm settles everything up to its number, once and in order")
    func multiple() {
        var ledger = ledger("a", "b", "c", "d")
        var verdicts = Verdicts()
        ledger.settle(2, multiple: false, nacked: false) { verdicts.add($0, $1) }
        ledger.settle(3, multiple: true, nacked: false) { verdicts.add($0, $1) }
        #expect(verdicts.list == ["b confirmed", "a confirmed", "c confirmed"])
        #expect(ledger.openCount == 1)
        #expect(ledger.nextNumber == 5)
    }

    @Test("A message that came back is returned, not confirmed, when its confirm follows")
    func returned() {
        var ledger = ledger("a", "b", "a")
        var verdicts = Verdicts()
        let known = [312, 313, 312].map { code in ledger.returned(code: code, text: "") { $0 == "a" } }
        #expect(known == [true, true, false])
        ledger.settle(3, multiple: true, nacked: false) { verdicts.add($0, $1) }
        #expect(verdicts.list == ["a returned 312", "b confirmed", "a returned 313"])
    }

    @Test("A negative confirm settles as nacked")
    func nacked() {
        var ledger = ledger("a", "b")
        var verdicts = Verdicts()
        ledger.settle(2, multiple: true, nacked: true) { verdicts.add($0, $1) }
        #expect(verdicts.list == ["a nacked", "b nacked"])
    }

    @Test("Numbers that were never published are ignored", arguments: [0, 3, 99, UInt64.max])
    func unknownNumber(number: UInt64) {
        var ledger = ledger("a", "b")
        ledger.settle(1, multiple: false, nacked: false) { _, _ in }
        var verdicts = Verdicts()
        ledger.settle(number, multiple: false, nacked: false) { verdicts.add($0, $1) }
        ledger.settle(1, multiple: true, nacked: false) { verdicts.add($0, $1) }
        #expect(verdicts.list == [])
        #expect(ledger.openCount == 1)
    }

    @Test("After the channel's end the open messages come back in their order, and numbering starts over")
    func reset() {
        var ledger = ledger("a", "b", "c", "d")
        ledger.settle(3, multiple: false, nacked: false) { _, _ in }
        let open = ledger.reset()
        #expect(open == ["a", "b", "d"])
        #expect(ledger.openCount == 0)
        #expect(ledger.nextNumber == 1)
    }

    @Test("Whatever the confirms, every message gets exactly one verdict", arguments: 0..<100 as Range<UInt64>)
    func property(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var ledger = ConfirmLedger<Int>()
        var published = 0
        var verdicts: [Int: Int] = [:]
        for _ in 0..<500 {
            if Bool.random(using: &generator) {
                ledger.published(published)
                published += 1
            } else {
                let number = UInt64.random(in: 0...UInt64(published + 2), using: &generator)
                ledger.settle(number, multiple: Bool.random(using: &generator), nacked: Bool.random(using: &generator))
                {
                    message, _ in verdicts[message, default: 0] += 1
                }
            }
            #expect(ledger.openCount == published - verdicts.count)
        }
        for message in ledger.reset() { verdicts[message, default: 0] += 1 }
        #expect(verdicts.count == published)
        #expect(verdicts.values.allSatisfy { $0 == 1 })
    }
}
