/// What goes wrong with an answer.
public enum ManagerFault: Sendable, Hashable {
    /// The request is not carried out and answered with this status.
    case status(Int, code: String? = nil)
    /// The request is carried out; its answer comes after a while.
    case delay(Duration)
    /// The request is carried out; its answer breaks off after so many bytes of its body.
    case truncate(Int)
    /// The request is not carried out and the connection closed.
    case close
    /// The request is carried out and the connection closed without an answer.
    case loseAnswer
    /// The answer has this body, whatever was asked.
    case body(String)
    /// The answer has a body of so many bytes, which it does not announce.
    case flood(Int)
    /// The request is carried out; its answer comes byte by byte with pauses.
    case trickle(Duration)
    /// These bytes are the answer, head and all.
    case raw(String)
    /// There is never an answer.
    case silence
}
