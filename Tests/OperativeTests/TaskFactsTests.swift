import Operative
import Testing

@Suite("What the task says")
struct TaskFactsTests {
    @Test("what the task says of itself is there without a request")
    func facts() {
        let backend = TestBackend()
        let ctx = makeContext(backend) {
            $0.timeout = .seconds(5)
            $0.timeoutIsRecoverable = true
            $0.resume = true
            $0.taskType = "operation"
            $0.taskQueue = "q"
            $0.taskTarget = "a"
            $0.executionEnvironment = ["A": "b"]
            $0.deployment = DeploymentInfo(
                id: "d", displayName: "D", creator: "me", resourceTags: ["k": "v"], runtimeOnlyEvaluation: true)
            $0.blueprint = BlueprintInfo(id: "b")
            $0.execution = ExecutionInfo(id: "e", creatorUsername: "me")
            $0.workflow = WorkflowInfo(id: "install", parameters: ["p": 1])
            $0.tenant = TenantInfo(name: "t")
            $0.plugin = PluginInfo(
                name: "p", packageName: "pp", packageVersion: "1", source: "s", properties: ["x": ["value": 1]])
            $0.manager = ManagerAddress(
                hosts: ["h"], port: 1, certificateAuthority: "c", executionToken: "secret1", restToken: "secret2",
                bypassesMaintenance: true)
        }
        #expect(ctx.taskID == "t1" && ctx.taskName == "test.run" && ctx.taskType == "operation")
        #expect(ctx.taskQueue == "q" && ctx.taskTarget == "a" && ctx.resume)
        #expect(ctx.timeout == .seconds(5) && ctx.timeoutIsRecoverable && ctx.executionEnvironment == ["A": "b"])
        #expect(
            ctx.operation.name == "interface.run" && ctx.operation.retryNumber == 2 && ctx.operation.maxRetries == 60)
        #expect(ctx.operation.relationshipSide == nil)
        #expect(ctx.deployment.id == "d" && ctx.deployment.displayName == "D" && ctx.deployment.creator == "me")
        #expect(ctx.deployment.resourceTags == ["k": "v"] && ctx.deployment.runtimeOnlyEvaluation == true)
        #expect(ctx.blueprint.id == "b" && ctx.execution.id == "e" && ctx.execution.creatorUsername == "me")
        #expect(ctx.workflow.id == "install" && ctx.workflow.parameters == ["p": 1] && ctx.tenant.name == "t")
        #expect(ctx.plugin?.packageName == "pp" && ctx.plugin?.packageVersion == "1" && ctx.plugin?.source == "s")
        #expect(ctx.plugin?.properties == ["x": ["value": 1]])
        #expect(ctx.managerAddress.hosts == ["h"] && ctx.managerAddress.executionToken == "secret1")
        #expect(!"\(ctx.managerAddress)".contains("secret"))
        #expect(backend.requests.isEmpty)
    }
}
