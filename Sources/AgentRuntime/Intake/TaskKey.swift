/// What makes two messages the same piece of work: the task, the attempt and the run of the execution that sent it.
package struct TaskKey: Sendable, Hashable, CustomStringConvertible {
    package var taskID: String
    package var retryNumber: Int
    /// A hash of the execution token; 0 without one. A manager that resumes an execution sends the same task again with a new token, and that is new work.
    package var run: UInt64

    package init(taskID: String, retryNumber: Int, run: UInt64) {
        self.taskID = taskID
        self.retryNumber = retryNumber
        self.run = run
    }

    package init(taskID: String, retryNumber: Int, executionToken: String?) {
        self.init(taskID: taskID, retryNumber: retryNumber, run: executionToken.map(Self.hash) ?? 0)
    }

    package var description: String { "\(taskID)#\(retryNumber)" }

    /// FNV-1a, because the hash must be the same in the next process and needs no secret.
    private static func hash(_ token: String) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in token.utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
        }
        return hash
    }
}
