/// How a process ended.
package enum ProcessEnd: Sendable, Hashable {
    /// By itself, with this exit status.
    case exited(Int32)
    /// By this signal.
    case signalled(Int32)
}
