/// Why a request to a manager did not succeed.
public struct ManagerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of failure it was, for the decision that follows from it.
    public enum Reason: Sendable, Hashable {
        /// 401: the token is not, or no longer, good for anything.
        case unauthorized
        /// 403: the token is not good for this.
        case forbidden
        /// 404: there is no such thing.
        case notFound
        /// 409: somebody else was faster.
        case conflict
        /// 400: the manager does not accept what was sent.
        case badRequest
        /// Another answer that is no success and no fault of the server.
        case refused
        /// 500 and above: the manager could not answer, for longer than it was worth trying.
        case serverError
        /// No host could be reached, or none answered to the end, for longer than it was worth trying.
        case unreachable
        /// The manager's certificate is not to be trusted, or it does not speak TLS.
        case untrusted
        /// The request took longer than it was allowed to.
        case timedOut
        /// The answer is not what the protocol promises.
        case invalidResponse
        /// The answer is larger than what is accepted.
        case responseTooLarge
        /// The request cannot be made: a name that leaves its directory, a file that cannot be read or written.
        case invalidRequest
        /// A file on this machine could not be read or written.
        case localFile
        /// The task was cancelled meanwhile.
        case cancelled
        /// The pool of connections is closed.
        case closed
    }

    /// The kind of failure.
    public let reason: Reason
    /// The HTTP status; `nil` when there was no answer.
    public let status: Int?
    /// The manager's `error_code`, such as `not_found_error`; `nil` when it sent none.
    public let errorCode: String?
    /// What the manager said, or what happened, in one line without secrets.
    public let message: String
    /// The request, such as `GET /api/v3.1/executions/42`.
    public let request: String

    /// Puts an error together.
    public init(_ reason: Reason, status: Int? = nil, errorCode: String? = nil, message: String, request: String) {
        self.reason = reason
        self.status = status
        self.errorCode = errorCode
        self.message = message
        self.request = request
    }

    /// One line: the request, the status and what was said.
    public var description: String {
        let answer = [status.map(String.init), errorCode].compactMap { $0 }.joined(separator: " ")
        return answer.isEmpty ? "\(request): \(message)" : "\(request): \(answer): \(message)"
    }

    /// Whether the token was refused because it is no longer the execution's: what belongs to it ends silently.
    public var isTokenRefused: Bool {
        reason == .unauthorized && errorCode ?? "unauthorized_error" == "unauthorized_error"
    }

    /// Whether it says nothing about what was asked, only that the manager could not be asked: it may be asked again later.
    public var isOutage: Bool {
        switch reason {
        case .serverError, .unreachable, .timedOut: true
        default: false
        }
    }

    /// Whether the manager decided, so that asking again as before is of no use.
    public var isFinalAnswer: Bool {
        switch reason {
        case .unauthorized, .forbidden, .notFound, .conflict, .badRequest, .refused: true
        default: false
        }
    }
}
