internal import AMQPClient
internal import AgentRuntime

/// The message headers that only Operative knows. A Cloudify manager neither sends nor reads them.
package enum OperativeHeader {
    /// The place of a log record or event in its operation, from 1 without gaps.
    package static let sequence = "x-operative-sequence"
    /// On a log record that stands for missing ones: how many they are. Its place is that of the first of them.
    package static let missing = "x-operative-missing"
    /// On a reply, true: the operation's last log records and events come after it.
    package static let lateRecords = "x-operative-late-records"
    /// On a task: answer it even when it was cancelled.
    package static let answerCancelled = "x-operative-answer-cancelled"
    /// On a parked attempt: which state directory parked it.
    package static let store = "x-operative-store"
    /// On a parked attempt: the number of that state directory's newest cancellation.
    package static let epoch = "x-operative-epoch"
    /// On a parked attempt whose delay is longer than one stay in the broker: the rest, in milliseconds.
    package static let remaining = "x-operative-remaining-ms"

    static func headers(for attempt: ParkedAttempt, remaining rest: Duration) -> [String: AMQPFieldValue] {
        var headers: [String: AMQPFieldValue] = [
            store: .string(attempt.mark.storeID),
            epoch: .integer(attempt.mark.cancellationEpoch),
        ]
        if rest > .zero { headers[remaining] = .integer(Int64(rest.roundedUpMilliseconds)) }
        if attempt.answersCancellation { headers[answerCancelled] = .bool(true) }
        return headers
    }

    static func mark(in headers: [String: AMQPFieldValue]?) -> ParkedMark? {
        guard let headers, case .string(let storeID) = headers[store], case .integer(let count) = headers[epoch] else {
            return nil
        }
        var rest = Duration.zero
        if case .integer(let milliseconds) = headers[remaining], milliseconds > 0 { rest = .milliseconds(milliseconds) }
        return ParkedMark(storeID: storeID, cancellationEpoch: count, remaining: rest)
    }

    static func answersCancellation(_ headers: [String: AMQPFieldValue]?) -> Bool {
        headers?[answerCancelled] == .bool(true)
    }
}
