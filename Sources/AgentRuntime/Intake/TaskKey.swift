/// What makes two messages the same piece of work: the task, the attempt and the run of the execution that sent it.
package struct TaskKey: Sendable, Hashable, CustomStringConvertible {
    package let taskID: String
    package let retryNumber: Int
    /// A hash of the execution token; 0 without one. A manager that resumes an execution sends the same task again with a new token, and that is new work.
    package let run: UInt64

    /// The key in sixteen bytes: two hashes under this process's random seed, which nobody outside can aim at. Means nothing to another process.
    package let digest: Digest

    package struct Digest: Sendable, Hashable {
        let first: Int
        let second: Int

        /// The bits are as good as random already.
        package func hash(into hasher: inout Hasher) { hasher.combine(first) }
    }

    package init(taskID: String, retryNumber: Int, run: UInt64) {
        self.taskID = taskID
        self.retryNumber = retryNumber
        self.run = run
        var hasher = Hasher()
        hasher.combine(taskID)
        hasher.combine(retryNumber)
        hasher.combine(run)
        var other = hasher
        other.combine(1)
        digest = Digest(first: hasher.finalize(), second: other.finalize())
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(digest.first) }

    package init(taskID: String, retryNumber: Int, executionToken: String?) {
        self.init(taskID: taskID, retryNumber: retryNumber, run: executionToken.map(Self.hash) ?? 0)
    }

    package var description: String { "\(taskID)#\(retryNumber)" }

    /// The whole key as text, for what is to be found again by it.
    package var text: String { "\(taskID)#\(retryNumber)#\(String(run, radix: 16))" }

    /// Reads what ``text`` has written; nil for anything else.
    package init?(text: String) {
        let parts = text.split(separator: "#", omittingEmptySubsequences: false)
        guard parts.count >= 3, let retryNumber = Int(parts[parts.count - 2]),
            let run = UInt64(parts[parts.count - 1], radix: 16)
        else { return nil }
        self.init(taskID: parts.dropLast(2).joined(separator: "#"), retryNumber: retryNumber, run: run)
    }

    /// FNV-1a, because the hash must be the same in the next process and needs no secret.
    private static func hash(_ token: String) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in token.utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
        }
        return hash
    }
}
