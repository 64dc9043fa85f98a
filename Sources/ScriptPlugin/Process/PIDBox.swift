import Synchronization

/// The pid of a process, once it has one.
final class PIDBox: Sendable {
    private let state = Mutex<Int32?>(nil)

    var value: Int32? {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
