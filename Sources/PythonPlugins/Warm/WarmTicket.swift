import OperationProcesses

/// An operation that a resident parent was asked for.
struct WarmTicket: Sendable {
    /// Its number in the conversation with its parent.
    let number: Int
    let answer: Promise<WarmAnswer>
    let end: Promise<WarmEnd>
}
