/// A task that shall come back after a delay.
package struct ParkedAttempt: Sendable, Hashable {
    /// The task with its next retry number.
    package var body: [UInt8]
    package var replyTo: String?
    package var correlationID: String?
    package var answersCancellation: Bool
    /// How long the broker keeps it; never negative.
    package var delay: Duration
    package var mark: ParkedMark

    package init(
        body: [UInt8], replyTo: String?, correlationID: String?, answersCancellation: Bool, delay: Duration,
        mark: ParkedMark
    ) {
        self.body = body
        self.replyTo = replyTo
        self.correlationID = correlationID
        self.answersCancellation = answersCancellation
        self.delay = delay
        self.mark = mark
    }
}
