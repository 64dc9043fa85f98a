internal import AgentProtocol
internal import Logging
internal import Operative

/// Makes the context that an operation is called with. Nothing in it is read from the task before the operation asks for it.
enum OperationContextFactory {
    static func make(
        for task: ActiveTask, operation: Operation, run: OperationRun, telemetry: OperationTelemetry,
        instances: any InstanceData, resume: Bool
    ) -> OperationContext {
        let envelope = task.envelope
        return OperationContext(
            taskName: envelope.taskName, operationName: envelope.operationName, retryNumber: envelope.retryNumber,
            maxRetries: envelope.maxRetries,
            facts: {
                telemetry.context.facts(
                    taskID: task.key.taskID, resume: resume || envelope.resume,
                    timeout: envelope.timeout ?? operation.timeout)
            },
            backend: TaskBackend(run: run, telemetry: telemetry, instances: instances),
            logger: Logger(label: "ctx") { _ in OperationLogHandler(telemetry: telemetry) })
    }
}

extension OperationTaskContext {
    func facts(taskID: String, resume: Bool, timeout: Duration?) -> OperationFacts {
        OperationFacts(
            subject: subject, taskID: taskID,
            deployment: DeploymentInfo(
                id: deploymentID, displayName: deploymentDisplayName, creator: deploymentCreator,
                resourceTags: deploymentResourceTags),
            blueprint: BlueprintInfo(id: blueprintID),
            execution: ExecutionInfo(id: executionID, creatorUsername: executionCreatorUsername),
            workflow: WorkflowInfo(id: workflowID, parameters: workflowParameters), tenant: TenantInfo(name: tenantName),
            plugin: plugin.flatMap { plugin in
                plugin.name.map {
                    PluginInfo(
                        name: $0, packageName: plugin.packageName, packageVersion: plugin.packageVersion,
                        source: plugin.source, properties: plugin.properties)
                }
            },
            resume: resume, timeout: timeout)
    }

    /// Cloudify agent protocol, context kind: `related` makes it a relationship, a node id a node instance, neither a deployment.
    private var subject: ContextSubject {
        guard let nodeID, !nodeID.isEmpty else { return .deployment }
        let main = NodeReference(nodeID: nodeName ?? nodeID, instanceID: nodeID)
        guard let related else { return .nodeInstance(main) }
        let other = NodeReference(nodeID: related.nodeName ?? related.nodeID, instanceID: related.nodeID)
        return related.isTarget
            ? .relationship(source: main, target: other) : .relationship(source: other, target: main)
    }
}
