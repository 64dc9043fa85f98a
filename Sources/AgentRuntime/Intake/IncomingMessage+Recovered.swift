extension IncomingMessage {
    /// A task that an earlier process of this agent had taken over. It goes the way of any other.
    static func recovered(_ unfinished: UnfinishedTask) -> IncomingMessage {
        let task = unfinished.task
        return IncomingMessage(
            body: .complete(task.body), replyTo: task.replyTo,
            correlationID: task.correlationID, parked: task.mark, answersCancellation: task.answersCancellation,
            keptAs: unfinished.key, receipt: NoReceipt())
    }

    /// An attempt that was parked and is due.
    static func returned(_ attempt: ParkedAttempt) -> IncomingMessage {
        IncomingMessage(
            body: .complete(attempt.body), replyTo: attempt.replyTo, correlationID: attempt.correlationID,
            parked: attempt.mark, answersCancellation: attempt.answersCancellation, receipt: NoReceipt())
    }

    private struct NoReceipt: DeliveryReceipt {
        func acknowledge() {}
        func release() {}
    }
}
