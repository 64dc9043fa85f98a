import AgentExecutors
import AgentTestSupport
import OperationProcesses
import Operative
import OperativeTestKit
import Testing

@testable import ScriptPlugin

@Suite("The time that a script may take")
struct TimeLimitTests {
    @Test("It is up as well while plugins hold all threads of Swift's shared pool")
    func sharedPoolHeld() async throws {
        var task = TestTask()
        task.timeout = .milliseconds(100)
        let context = TestEnvironment(TestInstance(node: "web"), task: task).context()
        let (failure, isHeld) = try await HeldSharedPool.run {
            await #expect(throws: OperationFailure.self) {
                try await TimeLimit.run(of: context) { await ProcessThreads.timers.sleep(for: .seconds(600)) }
            }
        }
        #expect(failure?.message.contains("timeout") == true)
        #expect(isHeld, "only when the threads were free again")
    }
}
