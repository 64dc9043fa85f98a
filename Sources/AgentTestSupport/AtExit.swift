import Glibc
import Synchronization

/// Cleans up when the process ends in an orderly way.
enum AtExit {
    private static let actions = Mutex<[@Sendable () -> Void]>([])
    private static let isRegistered: Bool = atexit { AtExit.runAll() } == 0

    /// Runs the action at the end of the process; the last one that was added comes first.
    static func run(_ action: @escaping @Sendable () -> Void) {
        _ = isRegistered
        actions.withLock { $0.append(action) }
    }

    private static func runAll() {
        for action in actions.withLock({ $0 }).reversed() { action() }
    }
}
