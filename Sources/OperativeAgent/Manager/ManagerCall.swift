internal import ManagerClient
internal import Operative

/// What errors of requests mean to an operation.
enum ManagerCall {
    /// As the original words it, for operations.
    static func failure(_ error: any Error) -> any Error {
        guard let error = error as? ManagerError else {
            if let error = error as? ManagerAddressError { return NonRecoverableError("\(error)") }
            return error
        }
        switch error.reason {
        case .cancelled: return CancellationError()
        case .invalidRequest, .untrusted: return NonRecoverableError("\(error)")
        default: return ManagerFailure(error)
        }
    }
}

/// A manager's refusal as an operation, and whoever sent its task, sees it.
///
/// All are recoverable, as in the original: what a manager refuses now it may grant after somebody has put it right, and the workflow
/// says how often that is worth trying.
struct ManagerFailure: Recoverable, CustomStringConvertible {
    let error: ManagerError

    init(_ error: ManagerError) { self.error = error }

    var description: String {
        let answer = error.status.map { "\($0): \(error.message)" } ?? error.message
        return "\(answer) (\(error.request))"
    }
}
