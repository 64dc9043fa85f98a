public import Operative

/// The whole `__cloudify_context` of an operation task (Cloudify agent protocol, `__cloudify_context`).
///
/// Only the task name is certain to be there. A field that is absent, null or of a wrong type is `nil` or has the default named here.
public struct OperationTaskContext: Sendable, Hashable, CustomStringConvertible {
    /// The version of the context's layout.
    public var contextVersion: String?
    /// The kind of task: `operation`, `workflow` or `hook`.
    public var type: String?
    /// The task's id.
    public var taskID: String?
    /// The operation to run.
    public var taskName: String
    /// The queue the task was sent to.
    public var taskQueue: String?
    /// The agent the task was sent to.
    public var taskTarget: String?
    /// The workflow execution.
    public var executionID: String?
    /// The workflow.
    public var workflowID: String?
    /// What the workflow was started with.
    public var workflowParameters: [String: PropertyValue] = [:]
    /// The user who started the workflow.
    public var executionCreatorUsername: String?
    /// The token of the execution's current run. A secret.
    public var executionToken: String?
    /// The token for the REST service. A secret.
    public var restToken: String?
    /// Hosts of the REST service; a single string counts as a list of one.
    public var restHosts: [String] = []
    /// The port of the REST service.
    public var restPort: Int?
    /// The certificate authority of the REST service, as PEM text.
    public var restCertificate: String?
    /// The tenant, at least its name.
    public var tenant: [String: PropertyValue] = [:]
    /// The blueprint.
    public var blueprintID: String?
    /// The deployment.
    public var deploymentID: String?
    /// The deployment's name for people.
    public var deploymentDisplayName: String?
    /// The user who created the deployment.
    public var deploymentCreator: String?
    /// The deployment's resource tags.
    public var deploymentResourceTags: [String: PropertyValue] = [:]
    /// Whether functions are evaluated at run time only.
    public var runtimeOnlyEvaluation: Bool?
    /// The id of the node *instance* the operation runs on.
    public var nodeID: String?
    /// The name of the node the operation runs on.
    public var nodeName: String?
    /// The id of the node instance that hosts it.
    public var hostID: String?
    /// `host_agent`, `central_deployment_agent` or `auto`.
    public var executor: String?
    /// Whether inputs contain functions that the manager must evaluate first.
    public var hasIntrinsicFunctions = false
    /// The plugin as the blueprint declares it.
    public var plugin: PluginDeclaration?
    /// The full interface operation.
    public var operationName: String?
    /// How many attempts came before this one.
    public var retryNumber = 0
    /// How many attempts may follow the first; −1 means any number.
    public var maxRetries = -1
    /// `source` or `target` in relationship operations: the side the operation is declared on.
    public var relationshipSide: String?
    /// The other side, in relationship operations.
    public var related: RelatedNode?
    /// How long an attempt may take; `nil` when it may take as long as it likes.
    public var timeout: Duration?
    /// Whether an attempt that took too long may be tried again.
    public var timeoutRecoverable = false
    /// Environment variables for processes started by the operation.
    public var executionEnvironment: [String: String] = [:]
    /// Whether the operation runs although the manager is in maintenance mode.
    public var bypassMaintenance = false
    /// Whether this attempt continues one that was interrupted.
    public var resume = false
    /// Whether the context belongs to a local workflow. Never on the wire.
    public var isLocal = false
    /// Whether the operation wants no `ctx` argument.
    public var omitsContextArgument = false
    /// The node as a manager would describe it, or a part of that, when the sender includes it.
    public var node: [String: PropertyValue]?
    /// The node instance as a manager would describe it, or a part of that, when the sender includes it.
    public var instance: [String: PropertyValue]?

    /// Creates a context in which everything but the task name is absent.
    public init(taskName: String) { self.taskName = taskName }

    /// The node's properties, when the sender includes them.
    public var nodeProperties: [String: PropertyValue]? { node?["properties"]?.objectValue }
    /// The instance's runtime properties, when the sender includes them.
    public var runtimeProperties: [String: PropertyValue]? { instance?["runtime_properties"]?.objectValue }
    /// The tenant's name.
    public var tenantName: String? { tenant["name"]?.stringValue }

    /// Names the task, without the secrets of its context.
    public var description: String { "context of task \(taskID ?? "without id"): \(taskName)" }
}
