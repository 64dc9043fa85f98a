public import Logging

/// What an operation knows about its task, and what it can do besides its own work.
///
/// Which parts may be used depends on ``kind``. Everything is looked up on first use; a context that is not used costs nothing.
public struct OperationContext: Sendable {
    /// Writes to the log of the workflow execution. Carries the ids of the task.
    public let logger: Logger

    let scope: OperationScope

    /// Creates a context.
    ///
    /// - Parameter facts: called at most once, on first use.
    package init(
        taskName: String, operationName: String?, retryNumber: Int, maxRetries: Int,
        facts: @escaping @Sendable () -> OperationFacts, backend: any OperationBackend, logger: Logger
    ) {
        self.logger = logger
        scope = OperationScope(
            taskName: taskName, operationName: operationName, retryNumber: retryNumber, maxRetries: maxRetries,
            facts: facts, backend: backend)
    }

    // MARK: The task

    /// The operation: its name, the attempt, and ``OperationInfo/retry(after:message:)``.
    public var operation: OperationInfo { OperationInfo(scope: scope) }
    /// The name by which the task asked for the operation, such as `webserver.start`.
    public var taskName: String { scope.taskName }
    /// The id of the task; `nil` when the sender gave none.
    public var taskID: String? { scope.facts.taskID }
    /// Whether an earlier run of the same attempt was interrupted. Only resumable operations see `true`.
    public var resume: Bool { scope.facts.resume }
    /// How long this attempt may take according to the task; `nil` means as long as it likes.
    public var timeout: Duration? { scope.facts.timeout }
    /// Whether the task may be tried again when the time of an attempt is up.
    public var timeoutIsRecoverable: Bool { scope.facts.timeoutIsRecoverable }
    /// The kind of task, such as `operation`; `nil` when the sender does not say.
    public var taskType: String? { scope.facts.taskType }
    /// The queue that the task was sent to; `nil` when the sender does not say.
    public var taskQueue: String? { scope.facts.taskQueue }
    /// The agent that the task was sent to; `nil` when the sender does not say.
    public var taskTarget: String? { scope.facts.taskTarget }
    /// Environment variables that the sender wants for processes of the operation.
    public var executionEnvironment: [String: String] { scope.facts.executionEnvironment }

    /// The task as it came.
    ///
    /// - Throws: ``NonRecoverableError`` where there is no task, as in most tests.
    package var task: OperationTask {
        get throws { try scope.backend.operationTask }
    }

    // MARK: What it works on

    /// What the operation works on.
    public var kind: ContextKind { scope.facts.subject.kind }

    /// The node of the instance.
    ///
    /// - Throws: ``NonRecoverableError`` unless ``kind`` is ``ContextKind/nodeInstance``.
    public var node: Node {
        get throws { Node(reference: try nodeReference(), scope: scope) }
    }

    /// The node instance.
    ///
    /// - Throws: ``NonRecoverableError`` unless ``kind`` is ``ContextKind/nodeInstance``.
    public var instance: NodeInstance {
        get throws { NodeInstance(reference: try nodeReference(), scope: scope) }
    }

    /// The node instance that the relationship starts from.
    ///
    /// - Throws: ``NonRecoverableError`` unless ``kind`` is ``ContextKind/relationship``.
    public var source: RelationshipEnd {
        get throws { RelationshipEnd(reference: try relationship().source, scope: scope) }
    }

    /// The node instance that the relationship points to.
    ///
    /// - Throws: ``NonRecoverableError`` unless ``kind`` is ``ContextKind/relationship``.
    public var target: RelationshipEnd {
        get throws { RelationshipEnd(reference: try relationship().target, scope: scope) }
    }

    /// What the instance has relationships to, by what they offer. In a relationship operation it is that of the end the operation
    /// runs on.
    ///
    /// ``NodeInstance/relationships`` says the same with the types of the relationships.
    ///
    /// - Throws: ``NonRecoverableError`` when ``kind`` is ``ContextKind/deployment``.
    public var capabilities: Capabilities {
        get throws { Capabilities(instance: try runningInstance()) }
    }

    // MARK: What it is part of

    /// The deployment.
    public var deployment: DeploymentInfo { scope.facts.deployment }
    /// The blueprint of the deployment.
    public var blueprint: BlueprintInfo { scope.facts.blueprint }
    /// The workflow run.
    public var execution: ExecutionInfo { scope.facts.execution }
    /// The workflow.
    public var workflow: WorkflowInfo { scope.facts.workflow }
    /// The tenant.
    public var tenant: TenantInfo { scope.facts.tenant }
    /// The plugin as the blueprint declares it; `nil` when the task names none.
    public var plugin: PluginInfo? { scope.facts.plugin }

    // MARK: Telling the manager

    /// Sends an event, shown with the workflow's own events. Returns at once; the event is not lost if the manager is away.
    public func sendEvent(_ message: String) {
        scope.backend.sendEvent(message)
    }

    /// Waits until further log records can be taken: for operations that write as many as somebody else makes them. Returns at
    /// once in a cancelled task, and after a while when nothing moves: then records are left out and counted.
    package func roomForRecords() async {
        await scope.backend.roomForRecords()
    }

    private func nodeReference() throws -> NodeReference {
        guard case .nodeInstance(let reference) = scope.facts.subject else {
            throw wrongKind("ctx.node/ctx.instance", .nodeInstance)
        }
        return reference
    }

    private func relationship() throws -> (source: NodeReference, target: NodeReference) {
        guard case .relationship(let source, let target) = scope.facts.subject else {
            throw wrongKind("ctx.source/ctx.target", .relationship)
        }
        return (source, target)
    }

    private func runningInstance() throws -> NodeInstance {
        switch scope.facts.subject {
        case .nodeInstance(let reference): return NodeInstance(reference: reference, scope: scope)
        case .relationship(let source, let target):
            let reference = scope.facts.relationshipSide == .target ? target : source
            return NodeInstance(reference: reference, scope: scope)
        case .deployment:
            throw NonRecoverableError(
                "capabilities can only be used in a \(ContextKind.nodeInstance)/\(ContextKind.relationship) context but used in a \(kind) context."
            )
        }
    }

    private func wrongKind(_ what: String, _ needed: ContextKind) -> NonRecoverableError {
        NonRecoverableError("\(what) can only be used in a \(needed) context but used in a \(kind) context.")
    }
}
