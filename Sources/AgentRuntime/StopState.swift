internal import Synchronization

/// Whether the agent has been told to stop.
final class StopState: Sendable {
    private let state = Mutex(false)

    var isRequested: Bool { state.withLock { $0 } }

    /// - Returns: true the first time.
    func request() -> Bool {
        state.withLock { isRequested in
            defer { isRequested = true }
            return !isRequested
        }
    }
}
