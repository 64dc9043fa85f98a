/// Something the manager can ask the agent to do, under a name that is part of the wire contract.
///
/// The context is always the first parameter. Inputs, if wanted, arrive as a type of yours; what the closure returns becomes the result
/// that the workflow sees.
///
/// ```swift
/// struct CreateInputs: Decodable { let size: Int }
///
/// Operation("disk.create", inputs: CreateInputs.self) { ctx, inputs in
///     try await makeDisk(size: inputs.size)
/// }
/// ```
///
/// A file that imports all of Foundation sees another `Operation`: write `Operative.Operation` there, or import `FoundationEssentials`.
public struct Operation: Sendable {
    /// The name by which tasks ask for the operation, for instance `webserver.start`.
    public let name: String
    /// Whether the operation may be started again after the agent was interrupted while running it.
    /// Such a run has ``OperationContext/resume`` set; an operation that is not resumable fails instead.
    public let isResumable: Bool
    /// How long one attempt may take when the task itself does not say; `nil` means as long as it likes.
    public let timeout: Duration?

    /// Whether functions in the inputs are left for the operation to evaluate.
    package var evaluatesInputsItself = false
    /// How long the agent waits for the operation's end after a timeout, a cancellation or its own stop; nil for what the agent is set to.
    package var terminationGrace: Duration?
    /// Whether the operation sees to ``OperationContext/timeout`` itself, in its own words. The agent then does nothing about it.
    package var limitsItsTime = false
    /// Whether a result that comes after a cancellation is told all the same, unless it is `CancellationError`.
    package var answersAfterCancellation = false
    /// Makes the operation ready once its execution was found to be wanted and before anything of it is told. It may take long; cancelling the
    /// task ends it. What it throws is the operation's failure.
    package var prepare: (@Sendable (OperationTask) async throws -> OperationPreparation)?

    package let body: @Sendable (OperationContext, OperationInputs) async throws -> PropertyValue

    /// An operation that takes its inputs as they are.
    package init(
        name: String, resumable: Bool = false, timeout: Duration? = nil,
        run: @escaping @Sendable (OperationContext, OperationInputs) async throws -> PropertyValue
    ) {
        self.name = name
        isResumable = resumable
        self.timeout = timeout
        body = run
    }

    /// An operation without inputs and without result.
    ///
    /// - Parameters:
    ///   - name: the name on the wire.
    ///   - resumable: see ``isResumable``.
    ///   - timeout: see ``timeout``.
    ///   - body: what to do. Whatever it throws decides what happens next: see ``NonRecoverable``, ``Recoverable`` and
    ///     ``OperationInfo/retry(after:message:)``.
    public init(
        _ name: String, resumable: Bool = false, timeout: Duration? = nil,
        _ body: @escaping @Sendable (OperationContext) async throws -> Void
    ) {
        self.init(name: name, resumable: resumable, timeout: timeout) { context, _ in
            try await body(context)
            return .null
        }
    }

    /// An operation without inputs that returns a result.
    ///
    /// - Parameters:
    ///   - name: the name on the wire.
    ///   - resumable: see ``isResumable``.
    ///   - timeout: see ``timeout``.
    ///   - body: what to do. A result that cannot be encoded fails the operation.
    public init<Result: Encodable & Sendable>(
        _ name: String, resumable: Bool = false, timeout: Duration? = nil,
        _ body: @escaping @Sendable (OperationContext) async throws -> Result
    ) {
        self.init(name: name, resumable: resumable, timeout: timeout) { context, _ in
            try Self.encode(await body(context))
        }
    }

    /// An operation with inputs and without result.
    ///
    /// - Parameters:
    ///   - name: the name on the wire.
    ///   - inputs: the type to decode the inputs into; `[String: PropertyValue].self` takes them as they are. Inputs that do not fit fail the
    ///     operation for good, naming the input.
    ///   - resumable: see ``isResumable``.
    ///   - timeout: see ``timeout``.
    ///   - body: what to do.
    public init<Inputs: Decodable & Sendable>(
        _ name: String, inputs: Inputs.Type, resumable: Bool = false, timeout: Duration? = nil,
        _ body: @escaping @Sendable (OperationContext, Inputs) async throws -> Void
    ) {
        self.init(name: name, resumable: resumable, timeout: timeout) { context, raw in
            try await body(context, raw.decode(as: Inputs.self))
            return .null
        }
    }

    /// An operation with inputs that returns a result.
    ///
    /// - Parameters:
    ///   - name: the name on the wire.
    ///   - inputs: the type to decode the inputs into; `[String: PropertyValue].self` takes them as they are. Inputs that do not fit fail the
    ///     operation for good, naming the input.
    ///   - resumable: see ``isResumable``.
    ///   - timeout: see ``timeout``.
    ///   - body: what to do. A result that cannot be encoded fails the operation.
    public init<Inputs: Decodable & Sendable, Result: Encodable & Sendable>(
        _ name: String, inputs: Inputs.Type, resumable: Bool = false, timeout: Duration? = nil,
        _ body: @escaping @Sendable (OperationContext, Inputs) async throws -> Result
    ) {
        self.init(name: name, resumable: resumable, timeout: timeout) { context, raw in
            try Self.encode(await body(context, raw.decode(as: Inputs.self)))
        }
    }

    private static func encode(_ result: some Encodable) throws -> PropertyValue {
        do {
            return try PropertyValue(encoding: result)
        } catch EncodingError.invalidValue(_, let context) {
            let path = pathDescription(context.codingPath)
            let place = path.isEmpty ? "the result" : "'\(path)' in the result"
            throw NonRecoverableError("\(place) cannot be sent: \(context.debugDescription)")
        }
    }
}
