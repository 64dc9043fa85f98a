/// What became of a request for a child.
enum WarmAnswer: Sendable, Hashable {
    /// The child waits for the word.
    case began(pid: Int32)
    /// The operation must run cold.
    case cold(WarmVerdict)
    /// The parent knows other files than there are now: another one is needed.
    case stale(String)
    /// The parent is gone or takes no more; nothing was forked, or what was forked never begins.
    case gone(String)
}
