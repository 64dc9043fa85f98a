import AgentExecutors
import Testing

@testable import AgentRuntime

@Suite("Pauses before a journal that failed is tried again")
struct RecoveryPausesTests {
    private let start = MonotonicInstant.now

    @Test("A recovery that does not hold doubles the pause, up to the longest; one that holds sets it back")
    func doubling() {
        var pauses = RecoveryPauses(shortest: .seconds(1))
        var seen: [Duration] = []
        var now = start
        for _ in 0..<7 {
            pauses.failed(at: now)
            seen.append(pauses.current)
            now = now.advanced(by: pauses.current)
            pauses.recovered(at: now)
            now = now.advanced(by: .milliseconds(10))
        }
        #expect(seen == [1, 2, 4, 8, 16, 30, 30].map { .seconds($0) })
        pauses.failed(at: now.advanced(by: RecoveryPauses.proof))
        #expect(pauses.current == .seconds(1))
    }
}
