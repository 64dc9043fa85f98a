import OperationProcesses

/// How a child ended, as far as its parent could tell.
enum WarmEnd: Sendable, Hashable {
    case ended(ProcessEnd)
    /// The parent ended first, for this reason; the child may still run.
    case unknown(String)
}
