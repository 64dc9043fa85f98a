/// Everything a context can tell about its task. Built only when somebody asks.
package struct OperationFacts: Sendable, Hashable {
    package var subject: ContextSubject
    package var taskID: String?
    package var deployment: DeploymentInfo
    package var blueprint: BlueprintInfo
    package var execution: ExecutionInfo
    package var workflow: WorkflowInfo
    package var tenant: TenantInfo
    package var plugin: PluginInfo?
    package var resume: Bool
    package var timeout: Duration?
    package var timeoutIsRecoverable = false
    package var taskType: String?
    package var taskQueue: String?
    package var taskTarget: String?
    /// The end of the relationship that the operation runs on; nil unless it is for a relationship.
    package var relationshipSide: RelationshipSide?
    package var executionEnvironment: [String: String] = [:]
    package var manager = ManagerAddress()

    package init(
        subject: ContextSubject, taskID: String? = nil, deployment: DeploymentInfo = DeploymentInfo(),
        blueprint: BlueprintInfo = BlueprintInfo(), execution: ExecutionInfo = ExecutionInfo(),
        workflow: WorkflowInfo = WorkflowInfo(), tenant: TenantInfo = TenantInfo(), plugin: PluginInfo? = nil,
        resume: Bool = false, timeout: Duration? = nil
    ) {
        self.subject = subject
        self.taskID = taskID
        self.deployment = deployment
        self.blueprint = blueprint
        self.execution = execution
        self.workflow = workflow
        self.tenant = tenant
        self.plugin = plugin
        self.resume = resume
        self.timeout = timeout
    }
}
