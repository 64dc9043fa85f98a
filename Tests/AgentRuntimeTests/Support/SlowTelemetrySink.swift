import AgentExecutors
import AgentRuntime
import Synchronization

/// Keeps what it takes in memory and lets go of a portion of it about every 20 ms.
final class SlowTelemetrySink: TelemetrySink {
    private struct State {
        var records: [UInt64: [(number: Int, missing: Int)]] = [:]
        var waiting: [(bytes: Int, completion: @Sendable (TelemetryDelivery) -> Void)] = []
        var pending = 0
        var peak = 0
        var isTicking = false
    }

    private let state = Mutex(State())
    private let timers = TimerThread()
    private let portion: Int

    /// - Parameter portion: In bytes; 0 for a sink that does not move.
    init(portion: Int) { self.portion = portion }

    var pendingBytes: Int { state.withLock { $0.pending } }
    /// The most that has waited at a time, in bytes.
    var peak: Int { state.withLock { $0.peak } }
    /// The records of each attempt as they came: the number, and how many it says are missing.
    var records: [[(number: Int, missing: Int)]] { state.withLock { Array($0.records.values) } }

    func send(_ record: TelemetryRecord, completion: @escaping @Sendable (TelemetryDelivery) -> Void) {
        let starts = state.withLock { state in
            state.records[record.stream, default: []].append((record.sequence ?? 0, record.missing))
            state.waiting.append((record.body.count, completion))
            state.pending += record.body.count
            state.peak = max(state.peak, state.pending)
            defer { state.isTicking = true }
            return !state.isTicking
        }
        if starts, portion > 0 { schedule() }
    }

    private func schedule() {
        _ = timers.schedule(after: .milliseconds(10)) { [self] in tick() }
    }

    private func tick() {
        let (gone, goesOn) = state.withLock { state in
            var bytes = 0
            let count = state.waiting.prefix { entry in
                defer { bytes += entry.bytes }
                return bytes < portion
            }.count
            let gone = Array(state.waiting.prefix(count))
            state.waiting.removeFirst(count)
            state.pending -= gone.reduce(0) { $0 + $1.bytes }
            state.isTicking = !state.waiting.isEmpty
            return (gone, state.isTicking)
        }
        for entry in gone { entry.completion(.arrived) }
        if goesOn { schedule() }
    }
}
