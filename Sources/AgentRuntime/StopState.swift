internal import Synchronization

/// Whether the agent has been told to stop.
final class StopState: Sendable {
    private let isRequested = Mutex(false)

    /// - Returns: true the first time.
    func request() -> Bool {
        isRequested.withLock { isRequested in
            defer { isRequested = true }
            return !isRequested
        }
    }
}
