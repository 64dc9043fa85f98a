public import Operative

/// The task an operation is run for in tests. Everything has a value already; set what the test is about.
public struct TestTask: Sendable, Hashable {
    /// The full interface operation; `nil` shows the operation its task name.
    public var operationName: String?
    /// How many attempts came before.
    public var retryNumber = 0
    /// How many attempts may follow the first; −1 means any number.
    public var maxRetries = -1
    /// Whether an earlier run of the attempt was interrupted.
    public var resume = false
    /// How long the attempt may take, as far as the operation can see; nobody enforces it.
    public var timeout: Duration?
    /// The task's id.
    public var id: String? = "test-task"
    /// The deployment's id.
    public var deploymentID: String? = "test-deployment"
    /// The deployment's name for people.
    public var deploymentDisplayName: String? = "Test deployment"
    /// The user who created the deployment.
    public var deploymentCreator: String? = "tester"
    /// The deployment's resource tags.
    public var resourceTags: [String: PropertyValue] = [:]
    /// The blueprint's id.
    public var blueprintID: String? = "test-blueprint"
    /// The execution's id.
    public var executionID: String? = "test-execution"
    /// The user who started the execution.
    public var executionCreator: String? = "tester"
    /// The workflow.
    public var workflowID: String? = "test-workflow"
    /// What the workflow was started with.
    public var workflowParameters: [String: PropertyValue] = [:]
    /// The tenant's name.
    public var tenantName: String? = "default_tenant"
    /// The end of the relationship that the operation runs on, for an operation on a relationship.
    public var relationshipSide = RelationshipSide.source
    /// The properties of the plugin in the blueprint.
    public var pluginProperties: [String: PropertyValue] = [:]

    /// Creates a task in its first attempt.
    public init() {}

    /// Creates a task in a later attempt.
    public init(retryNumber: Int, maxRetries: Int = -1) {
        self.retryNumber = retryNumber
        self.maxRetries = maxRetries
    }

    func facts(subject: ContextSubject, plugin: PluginInfo?) -> OperationFacts {
        var facts = OperationFacts(
            subject: subject, taskID: id,
            deployment: DeploymentInfo(
                id: deploymentID, displayName: deploymentDisplayName, creator: deploymentCreator,
                resourceTags: resourceTags),
            blueprint: BlueprintInfo(id: blueprintID),
            execution: ExecutionInfo(id: executionID, creatorUsername: executionCreator),
            workflow: WorkflowInfo(id: workflowID, parameters: workflowParameters),
            tenant: TenantInfo(name: tenantName),
            plugin: plugin, resume: resume, timeout: timeout)
        facts.taskType = "operation"
        if case .relationship = subject { facts.relationshipSide = relationshipSide }
        return facts
    }
}
