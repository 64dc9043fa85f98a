internal import Synchronization

/// Tells of failures to write of which nobody waits to hear.
final class JournalAlarm: Sendable {
    private let listener = Mutex<(@Sendable () -> Void)?>(nil)

    /// Calls `listener`, on any thread, whenever there is such a failure.
    func onFailure(_ listener: @escaping @Sendable () -> Void) { self.listener.withLock { $0 = listener } }

    func raise() {
        let listener = self.listener.withLock { $0 }
        listener?()
    }
}
