internal import ManagerClient

/// What became of records that were posted to a manager.
enum PostOutcome: Sendable, Hashable {
    /// The manager has them.
    case stored
    /// The manager could not be asked, or did not say what it has done: they are to be posted again.
    case outage(String)
    /// The manager failed over these records, or altogether: they are to be posted again, fewer at a time, and a single one not for ever.
    case serverError(String)
    /// The token is not good for it yet, or never will be.
    case forbidden(String)
    /// The manager does not accept at least one of them.
    case unacceptable(String)
    /// The manager takes nothing of this execution: its token is over, or the manager does not know it.
    case refused(String)

    /// What follows from an error.
    init(_ error: any Error) {
        switch error {
        case let error as ManagerAddressError:
            // What the environment names can be put right; what the task says stays as it is.
            let isOfTask = error.field.contains { $0.isLowercase }
            self = isOfTask ? .refused("\(error)") : .outage("\(error)")
        case let error as ManagerError: self.init(error)
        default: self = .outage("\(error)")
        }
    }

    private init(_ error: ManagerError) {
        let text = "\(error)"
        switch error.reason {
        case .unauthorized, .notFound, .conflict, .invalidRequest: self = .refused(text)
        case .forbidden: self = .forbidden(text)
        case .badRequest: self = .unacceptable(text)
        case .serverError: self = error.status == 500 ? .serverError(text) : .outage(text)
        case .responseTooLarge: self = .stored
        case .refused:
            switch error.status ?? 0 {
            case 413, 414, 415, 422: self = .unacceptable(text)
            case 401, 405, 410: self = .refused(text)
            default: self = .outage(text)
            }
        case .unreachable, .untrusted, .timedOut, .invalidResponse, .localFile, .cancelled, .closed:
            self = .outage(text)
        }
    }
}
