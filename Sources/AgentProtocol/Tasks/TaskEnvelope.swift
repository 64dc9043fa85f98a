public import Operative

/// An operation task, decoded as far as dispatching needs it (Cloudify agent protocol, operation task).
///
/// Decoding is one pass over the bytes that checks the whole body and builds nothing else. The rest is decoded when asked for, with
/// ``context()`` and ``inputs()``.
///
/// Fields that are null count as absent. A field named here that has another type is an error, all other fields are left alone.
///
/// An object, because it is handed through every step of its task's way and copying so many fields each time would cost more than decoding them.
public final class TaskEnvelope: Sendable, CustomStringConvertible {
    /// The message as it arrived.
    public let body: [UInt8]
    /// The task's id; `nil` when the body has none.
    public let id: String?
    /// The operation to run.
    public let taskName: String
    /// How many attempts came before this one.
    public let retryNumber: Int
    /// How many attempts may follow the first; −1 means any number.
    public let maxRetries: Int
    /// The workflow execution; `nil` when the sender is not a workflow.
    public let executionID: String?
    /// The token of the execution's current run. A secret.
    public let executionToken: String?
    /// The full interface operation, such as `cloudify.interfaces.lifecycle.start`.
    public let operationName: String?
    /// How long the attempt may take; `nil` when it may take as long as it likes.
    public let timeout: Duration?
    /// Whether an attempt that took too long may be tried again.
    public let timeoutRecoverable: Bool
    /// Whether this attempt continues one that was interrupted.
    public let resume: Bool
    /// The kind of task, usually `operation`.
    public let type: String?

    let layout: EnvelopeLayout

    /// Decodes a message body.
    ///
    /// - Throws: ``EnvelopeError`` for anything but one well-formed JSON object with a task name in its context.
    public init(decoding body: [UInt8]) throws(EnvelopeError) {
        var scan = EnvelopeScan()
        do {
            try scan.scan(body.span)
        } catch {
            var failure = EnvelopeError(.notJSON, offset: error.offset, reason: "not valid JSON: \(error.reason)")
            failure.id = scan.id
            throw failure
        }
        guard scan.problem == nil, let context = scan.context, let taskName = context.taskName else {
            var failure = scan.problem ?? EnvelopeError(.missingField, reason: "no task")
            failure.id = scan.id
            throw failure
        }
        self.body = body
        self.taskName = taskName
        id = scan.id
        retryNumber = context.operation.retryNumber
        maxRetries = context.operation.maxRetries
        executionID = context.executionID
        executionToken = context.executionToken
        operationName = context.operation.name
        timeout = context.timeout
        timeoutRecoverable = context.timeoutRecoverable
        resume = context.resume
        type = context.type
        layout = context.layout
    }

    /// Decodes the task's context completely. Optional fields of a wrong type count as absent.
    public func context() -> OperationTaskContext {
        OperationTaskContext(body: body, at: layout.context, taskName: taskName)
    }

    /// Decodes the operation's inputs.
    ///
    /// - Throws: never for an envelope that was decoded; the signature leaves room for inputs kept elsewhere.
    public func inputs() throws -> [String: PropertyValue] {
        let body = body
        let bytes = body.span
        var scanner = JSONScanner(offset: layout.kwargs)
        var inputs: [String: PropertyValue] = [:]
        var isFirst = true
        try scanner.enterObject(bytes)
        while let key = try scanner.nextKey(bytes, isFirst: &isFirst) {
            if key.matches("__cloudify_context", bytes) {
                try scanner.skipValue(bytes)
            } else {
                inputs[key.text(bytes)] = try scanner.readValue(bytes)
            }
        }
        return inputs
    }

    /// Names the task, without its content, which contains secrets.
    public var description: String {
        "task \(id ?? "without id"): \(taskName), attempt \(retryNumber)"
    }
}
