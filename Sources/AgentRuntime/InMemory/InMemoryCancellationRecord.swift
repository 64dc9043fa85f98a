internal import Synchronization

/// Cancellations that live as long as the process.
package final class InMemoryCancellationRecord: CancellationRecord {
    private struct State {
        var epoch: Int64 = 0
        var newest: [String: Int64] = [:]
    }

    private let state = Mutex(State())
    package let storeID = RandomIdentifier.make()

    package init() {}

    package var currentEpoch: Int64 { state.withLock { $0.epoch } }

    package var count: Int { state.withLock { $0.newest.count } }

    package func record(executionID: String) {
        state.withLock { state in
            state.epoch += 1
            state.newest[executionID] = state.epoch
        }
    }

    package func writeRemembered() {}

    package func isCancelled(executionID: String, after epoch: Int64) -> Bool {
        state.withLock { ($0.newest[executionID] ?? 0) > epoch }
    }
}
