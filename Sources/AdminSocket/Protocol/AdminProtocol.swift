/// The terms on which an agent and its command line talk: one JSON object per line, a request and then its answer. See docs/status.md.
package enum AdminProtocol {
    /// Grows when an older peer would misunderstand. New fields and new commands do not count.
    package static let version = 1
    /// The socket's name in the state directory.
    package static let socketName = "admin.sock"
    /// The longest request, in bytes.
    static let requestLimit = 64 << 10
    /// The longest answer, in bytes.
    static let answerLimit = 64 << 20
}
