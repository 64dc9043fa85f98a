/// One message that a broker handed to the agent, whatever transport brought it.
package struct IncomingMessage: Sendable {
    package enum Body: Sendable {
        case complete([UInt8])
        /// Larger than the agent takes: only the beginning was kept.
        case oversized(prefix: [UInt8], size: UInt64)
    }

    package var body: Body
    /// Where the sender waits for the answer; nil or empty when nobody does.
    package var replyTo: String?
    package var correlationID: String?
    /// How long the sender gave the message to reach somebody; of a question, also about how long its answer is waited for. Nil when it said nothing.
    package var expiration: Duration?
    /// The broker has handed this message out before. That alone decides nothing: prefetched messages that never started carry it too.
    package var redelivered: Bool
    /// Set on a message that this or another agent parked for a later attempt.
    package var parked: ParkedMark?
    /// The sender asks to be told when its task was cancelled; the Cloudify protocol knows no such answer.
    package var answersCancellation: Bool
    /// Under which key the journal has taken it over: no broker waits for a receipt then. Nil for a message that has just arrived.
    package var keptAs: TaskKey?
    package var receipt: any DeliveryReceipt

    package init(
        body: Body, replyTo: String? = nil, correlationID: String? = nil, expiration: Duration? = nil,
        redelivered: Bool = false, parked: ParkedMark? = nil, answersCancellation: Bool = false,
        keptAs: TaskKey? = nil, receipt: any DeliveryReceipt
    ) {
        self.body = body
        self.replyTo = replyTo
        self.correlationID = correlationID
        self.expiration = expiration
        self.redelivered = redelivered
        self.parked = parked
        self.answersCancellation = answersCancellation
        self.keptAs = keptAs
        self.receipt = receipt
    }

    /// The reply address, or nil when there is nobody to answer.
    package var answerAddress: String? {
        guard let replyTo, !replyTo.isEmpty else { return nil }
        return replyTo
    }
}
