internal import Operative
internal import Synchronization

/// A task's dealings with its manager, once those were opened.
final class Attendance: Sendable {
    let manager: any OperationAttendance
    /// Whether the manager keeps a record of the operation.
    let storesStates: Bool
    private let begun = Mutex(false)

    init(manager: any OperationAttendance, storesStates: Bool) {
        self.manager = manager
        self.storesStates = storesStates
    }

    /// Whether the operation's first instruction may have run.
    var hasBegun: Bool { begun.withLock { $0 } }
    func begin() { begun.withLock { $0 = true } }
}
