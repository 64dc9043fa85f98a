import AgentProtocol
import Operative
import Testing

@Suite("Task context")
struct OperationTaskContextTests {
    private func context(_ name: String) throws -> OperationTaskContext {
        let body = try #require(try Golden.read("operation_messages/\(name)")["body"])
        return try TaskEnvelope(decoding: body.json).context()
    }

    @Test("every field of a captured context arrives")
    func fields() throws {
        let context = try context("node_instance_create_with_inputs")
        #expect(context.contextVersion == "0.3")
        #expect(context.type == "operation")
        #expect(context.taskID == "df4b5a66-6d6b-477f-8b2a-20c00fe4fc68")
        #expect(context.taskName == "specplugin.ops.ok")
        #expect(context.taskQueue == "host_agent1" && context.taskTarget == "host_agent1")
        #expect(context.executionID == "8525c2d4-1803-4883-8c9b-df6c6947a93c")
        #expect(context.workflowID == "install" && context.workflowParameters.isEmpty)
        #expect(context.executionCreatorUsername == "admin")
        #expect(context.executionToken == "exec-token-8525c2d4" && context.restToken == "exec-token-8525c2d4")
        #expect(context.restHosts == ["127.0.0.1"] && context.restPort == 28080)
        #expect(context.tenantName == "default_tenant")
        #expect(context.blueprintID == "bp1" && context.deploymentID == "dep1")
        #expect(context.deploymentDisplayName == "Dep One" && context.deploymentCreator == "admin")
        #expect(context.nodeID == "app_sx1zbp" && context.nodeName == "app" && context.hostID == "host_j77n63")
        #expect(context.executor == "host_agent" && context.hasIntrinsicFunctions)
        #expect(context.plugin?.name == "spec" && context.plugin?.packageName == nil)
        #expect(context.operationName == "cloudify.interfaces.lifecycle.create")
        #expect(context.retryNumber == 0 && context.maxRetries == 60)
        #expect(context.timeout == nil && !context.timeoutRecoverable && context.related == nil && !context.isLocal)
    }

    @Test("the side that runs the operation is the source when the related side is the target, and the other way round")
    func relationships() throws {
        let app = NodeReference(nodeID: "app", instanceID: "app_sx1zbp")
        let db = NodeReference(nodeID: "db", instanceID: "db_7myr1g")
        #expect(try context("relationship_source_establish").subject == .relationship(source: app, target: db))
        #expect(try context("relationship_target_establish").subject == .relationship(source: app, target: db))
        #expect(try context("relationship_target_establish").relationshipSide == "target")
    }

    @Test("timeout and execution environment arrive")
    func special() throws {
        #expect(try context("node_instance_timeout_and_retries").timeout != nil)
        #expect(try !context("central_deployment_agent_with_execution_env").executionEnvironment.isEmpty)
    }

    @Test("facts carry the context to the operation")
    func facts() throws {
        let facts = try context("node_instance_create_with_inputs").facts(resume: true)
        #expect(facts.subject == .nodeInstance(NodeReference(nodeID: "app", instanceID: "app_sx1zbp")))
        #expect(facts.deployment.id == "dep1" && facts.blueprint.id == "bp1" && facts.tenant.name == "default_tenant")
        #expect(facts.workflow.id == "install" && facts.execution.creatorUsername == "admin")
        #expect(facts.plugin?.name == "spec" && facts.resume)
    }

    @Test("optional fields of a wrong type count as absent, embedded properties arrive")
    func tolerant() throws {
        let body = #"""
            {"cloudify_task":{"kwargs":{"__cloudify_context":{"task_name":"a","rest_host":"one","rest_port":"x","tenant":5,"plugin":[],
            "workflow_parameters":null,"execution_env":{"A":"b","C":1},"node_id":"n_1","node_name":"n","node":{"properties":{"p":1}},
            "instance":{"runtime_properties":{"r":[2]}},"related":"x","deployment_id":7}}}}
            """#
        let context = try TaskEnvelope(decoding: Array(body.utf8)).context()
        #expect(
            context.restHosts == ["one"] && context.restPort == nil && context.tenant.isEmpty && context.plugin == nil)
        #expect(context.workflowParameters.isEmpty && context.executionEnvironment == ["A": "b"])
        #expect(context.nodeProperties == ["p": 1] && context.runtimeProperties == ["r": [2]])
        #expect(
            context.subject == .nodeInstance(NodeReference(nodeID: "n", instanceID: "n_1"))
                && context.deploymentID == nil)
    }

    @Test("without node and related side it is a deployment's context")
    func deployment() {
        #expect(OperationTaskContext(taskName: "a").subject == .deployment)
    }
}
