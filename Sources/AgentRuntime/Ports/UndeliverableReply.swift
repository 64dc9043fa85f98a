/// A reply that could not be delivered.
package struct UndeliverableReply: Sendable, Hashable {
    /// Why.
    package enum Reason: String, Sendable, Hashable, CaseIterable {
        /// No queue is bound for it: worth another try, as somebody may declare it again.
        case unroutable
        /// The broker does not take it: too large, or its address is none.
        case refused
    }

    package var reply: OutgoingReply
    /// The task that it answers; nil when the message that it answers was none.
    package var taskID: String?
    package var reason: Reason

    package init(reply: OutgoingReply, taskID: String?, reason: Reason) {
        self.reply = reply
        self.taskID = taskID
        self.reason = reason
    }
}
