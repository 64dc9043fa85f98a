package import Operative
import Synchronization

/// What a script has said about the end of its operation.
package final class CtxAnswers: Sendable {
    /// How the operation is to end, if the script exits as it should.
    package enum Conclusion: Sendable, Hashable {
        /// The script has said nothing.
        case none
        /// The operation's result. Never null: returning null is saying nothing.
        case returned(PropertyValue)
        /// It fails for good, whatever the script's exit status.
        case aborted(message: String)
        /// It is to be run again, whatever the script's exit status. The context has been told.
        case retry(message: String, after: Duration?)
        /// The script has said a second thing: it fails for good with ``secondConclusion``.
        case saidTwice
    }

    /// The error of a script that concludes twice.
    package static let secondConclusion = "ctx may only abort or return once"

    private let state = Mutex(Conclusion.none)

    package init() {}

    /// What the script has said until now.
    package var conclusion: Conclusion { state.withLock { $0 } }

    /// Whether the script may still conclude. One that asks in vain has said a second thing.
    var isOpen: Bool {
        state.withLock { state in
            if state != .none { state = .saidTwice }
            return state == .none
        }
    }

    /// Keeps what the script says.
    ///
    /// - Returns: false when it has concluded before.
    func conclude(_ conclusion: Conclusion) -> Bool {
        state.withLock { state in
            guard state == .none else {
                state = .saidTwice
                return false
            }
            state = conclusion
            return true
        }
    }
}
