import AgentRuntime
import Synchronization

/// A disk in memory that can fail.
final class InMemoryTelemetryStore: TelemetryStore {
    struct Full: Error {}

    private struct State {
        var rows: [Int64: TelemetryRecord] = [:]
        var isFull = false
        var commits = 0
        var waiters: [(Int, CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.rows.count } }
    var commits: Int { state.withLock { $0.commits } }
    func fill(_ isFull: Bool = true) { state.withLock { $0.isFull = isFull } }

    func inventory() throws -> TelemetryInventory {
        state.withLock { state in
            TelemetryInventory(
                lanes: Dictionary(grouping: state.rows, by: \.value.destination).map { destination, rows in
                    TelemetryInventory.Lane(
                        destination: destination, count: rows.count, newestPlace: rows.map(\.key).max() ?? 0)
                })
        }
    }

    func commit(_ change: TelemetryChange) throws -> TelemetryChange.Effect {
        let ready = try state.withLock { state in
            if state.isFull { throw Full() }
            state.commits += 1
            state.rows = state.rows.filter {
                $0.value.destination != change.destination || !change.settled.contains($0.key)
            }
            for stored in change.adding { state.rows[stored.place] = stored.record }
            let count = state.rows.count
            defer { state.waiters.removeAll { $0.0 <= count } }
            return state.waiters.filter { $0.0 <= count }.map(\.1)
        }
        for continuation in ready { continuation.resume() }
        return TelemetryChange.Effect()
    }

    func read(after place: Int64, of destination: TelemetryDestination?, bytes: Int) throws -> [StoredTelemetry] {
        state.withLock { state in
            state.rows.filter { $0.key > place && $0.value.destination == destination }.sorted { $0.key < $1.key }
                .prefix(50).map {
                    StoredTelemetry(place: $0.key, record: $0.value)
                }
        }
    }

    /// Waits until so many records are stored at the same time.
    func storing(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                if state.rows.count >= count { return true }
                state.waiters.append((count, continuation))
                return false
            }
            if isReached { continuation.resume() }
        }
    }
}
