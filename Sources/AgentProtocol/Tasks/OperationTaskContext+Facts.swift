package import Operative

extension OperationTaskContext {
    /// What the operation works on (Cloudify agent protocol, context kind and relationship mapping).
    ///
    /// The side that runs the operation is the source when the related side is the target, and the other way round.
    package var subject: ContextSubject {
        guard let related else {
            guard let nodeID, !nodeID.isEmpty else { return .deployment }
            return .nodeInstance(NodeReference(nodeID: nodeName ?? "", instanceID: nodeID))
        }
        let main = NodeReference(nodeID: nodeName ?? "", instanceID: nodeID ?? "")
        let other = NodeReference(nodeID: related.nodeName, instanceID: related.nodeID)
        return related.isTarget
            ? .relationship(source: main, target: other) : .relationship(source: other, target: main)
    }

    /// Everything an operation's context shows.
    ///
    /// - Parameter resume: overrides what the message says, for an attempt that the agent itself found interrupted.
    package func facts(resume: Bool? = nil) -> OperationFacts {
        var facts = OperationFacts(
            subject: subject, taskID: taskID,
            deployment: DeploymentInfo(
                id: deploymentID, displayName: deploymentDisplayName, creator: deploymentCreator,
                resourceTags: deploymentResourceTags, runtimeOnlyEvaluation: runtimeOnlyEvaluation),
            blueprint: BlueprintInfo(id: blueprintID),
            execution: ExecutionInfo(id: executionID, creatorUsername: executionCreatorUsername),
            workflow: WorkflowInfo(id: workflowID, parameters: workflowParameters),
            tenant: TenantInfo(name: tenantName),
            plugin: plugin.flatMap { plugin in
                plugin.name.map {
                    PluginInfo(
                        name: $0, packageName: plugin.packageName, packageVersion: plugin.packageVersion,
                        source: plugin.source, properties: plugin.properties)
                }
            },
            resume: resume ?? self.resume, timeout: timeout)
        facts.timeoutIsRecoverable = timeoutRecoverable
        facts.taskType = type
        facts.taskQueue = taskQueue
        facts.taskTarget = taskTarget
        facts.relationshipSide = related.map { $0.isTarget ? .source : .target }
        facts.executionEnvironment = executionEnvironment
        facts.manager = ManagerAddress(
            hosts: restHosts, port: restPort, certificateAuthority: restCertificate, executionToken: executionToken,
            restToken: restToken, bypassesMaintenance: bypassMaintenance)
        return facts
    }
}
