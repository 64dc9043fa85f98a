/// How one attempt of a request failed.
enum AttemptFailure: Error, Sendable, Hashable {
    /// The request did not leave: no connection.
    case notSent(String)
    /// The connection broke after the request may have arrived, before an answer.
    case broken(String)
    /// No answer in time; the request may have arrived.
    case timedOut(String)
    /// The answer began and did not end as it should.
    case truncated(String)
    /// The TLS handshake failed for a reason that does not go away by itself.
    case untrusted(String)
    /// The manager answered, and it was no success.
    case answered(ManagerError)
    /// Nothing that another attempt could change.
    case final(ManagerError)

    /// What went wrong, in one line.
    var text: String {
        switch self {
        case .notSent(let text), .broken(let text), .timedOut(let text), .truncated(let text), .untrusted(let text):
            text
        case .answered(let error), .final(let error): error.message
        }
    }
}
