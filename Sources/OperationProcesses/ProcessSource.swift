/// What can be read of a run.
enum ProcessSource: Sendable, Hashable {
    /// The launcher's lines.
    case launcher
    case output
    case error
}
