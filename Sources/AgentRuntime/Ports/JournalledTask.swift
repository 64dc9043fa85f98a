/// What a journal keeps of a task beside its key, to be able to answer or resume it after a crash.
package struct JournalledTask: Sendable {
    package var body: [UInt8]
    package var replyTo: String?
    package var correlationID: String?
    package var executionID: String?
    package var isResumable: Bool

    package init(body: [UInt8], replyTo: String?, correlationID: String?, executionID: String?, isResumable: Bool) {
        self.body = body
        self.replyTo = replyTo
        self.correlationID = correlationID
        self.executionID = executionID
        self.isResumable = isResumable
    }
}
