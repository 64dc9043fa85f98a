internal import Synchronization

/// Which of its limits an operation's processes have run into, in sentences for whoever sent the operation. Only a cgroup knows of that.
package final class ReachedLimits: Sendable {
    private let state = Mutex<[String]>([])

    package init() {}

    package var sentences: [String] { state.withLock { $0 } }

    /// An error message with the limits that may be its cause.
    package func completing(_ message: String) -> String {
        let sentences = sentences
        guard !sentences.isEmpty else { return message }
        var text = message[...]
        while text.last?.isNewline == true { text.removeLast() }
        return "\(text); \(sentences.joined(separator: "; "))"
    }

    func add(_ sentences: [String]) { state.withLock { $0 += sentences } }
}
