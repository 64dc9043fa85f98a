internal import Operative
internal import Synchronization

/// A task's dealings with its manager, once those were opened.
final class Attendance: Sendable {
    let manager: any OperationAttendance
    /// Whether the manager keeps a record of the operation.
    let storesStates: Bool
    /// What the operation was made ready with.
    let preparation: OperationPreparation?
    private let begun = Mutex(false)

    init(manager: any OperationAttendance, storesStates: Bool, preparation: OperationPreparation? = nil) {
        self.manager = manager
        self.storesStates = storesStates
        self.preparation = preparation
    }

    /// Whether the operation fetches and hands over files and stores its end itself.
    var isLeftToOperation: Bool { preparation?.keepsRecord ?? false }

    /// Whether the operation's first instruction may have run.
    var hasBegun: Bool { begun.withLock { $0 } }
    func begin() { begun.withLock { $0 = true } }
}
