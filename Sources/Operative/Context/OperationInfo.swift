/// The operation as the workflow sees it.
public struct OperationInfo: Sendable {
    let scope: OperationScope

    /// The full interface operation, such as `cloudify.interfaces.lifecycle.start`; the task name when the sender gives none.
    public var name: String { scope.operationName ?? scope.taskName }
    /// How many attempts came before this one; 0 at first.
    public var retryNumber: Int { scope.retryNumber }
    /// How many attempts may follow the first; −1 means any number.
    public var maxRetries: Int { scope.maxRetries }

    /// The end of the relationship that the operation is declared for and runs on; `nil` unless it is for a relationship.
    public var relationshipSide: RelationshipSide? { scope.facts.relationshipSide }

    /// Ends this attempt and asks for the operation to be run again later. Nothing waits in the agent meanwhile.
    ///
    /// ```swift
    /// guard try await isReady() else { try ctx.operation.retry(after: .seconds(30), message: "still starting") }
    /// ```
    ///
    /// The request is remembered: code that swallows the error does not undo it. Another error thrown afterwards wins.
    ///
    /// - Parameters:
    ///   - delay: how long to wait; `nil` leaves it to the workflow.
    ///   - message: why, for the person who reads the workflow's log.
    /// - Throws: ``RetryRequest``, always.
    public func retry(
        after delay: Duration? = nil, message: String = "The operation asked to be run again"
    ) throws(RetryRequest) -> Never {
        let request = RetryRequest(after: delay, message: message)
        scope.record(request)
        throw request
    }
}
