/// What a journal keeps of a task beside its key, to be able to answer or resume it after a crash.
package struct JournalledTask: Sendable, Hashable {
    /// The operation, as the task names it.
    package var name: String
    package var body: [UInt8]
    package var replyTo: String?
    package var correlationID: String?
    package var executionID: String?
    package var answersCancellation: Bool
    /// Which cancellations came before it; those after it are meant for it.
    package var mark: ParkedMark

    package init(
        name: String, body: [UInt8], replyTo: String?, correlationID: String?, executionID: String?,
        answersCancellation: Bool, mark: ParkedMark
    ) {
        self.name = name
        self.body = body
        self.replyTo = replyTo
        self.correlationID = correlationID
        self.executionID = executionID
        self.answersCancellation = answersCancellation
        self.mark = mark
    }
}
