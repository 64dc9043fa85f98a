internal import Synchronization

/// Why the agent ends although nobody told it to; decides its exit code once it has stopped in order.
final class StopReason: Sendable {
    private let reason = Mutex<CommandFailure?>(nil)

    /// Nil when the agent was told to stop.
    var failure: CommandFailure? { reason.withLock { $0 } }

    /// Notes a reason.
    ///
    /// - Returns: false when there was one already.
    func note(_ failure: CommandFailure) -> Bool {
        reason.withLock { reason in
            guard reason == nil else { return false }
            reason = failure
            return true
        }
    }
}
