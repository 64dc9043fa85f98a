import AgentTestSupport
import Logging
import Operative
import Synchronization

/// A manager whose resources never come: whoever asks for one waits until he is cancelled.
final class StubbornManager: OperationBackend, ManagerlessAccess {
    let wasCancelled = Mutex(false)
    private let questions = AsyncStream.makeStream(of: Void.self)

    var manager: any ManagerAccess { self }
    var isAnswered: Bool { false }

    /// Waits until somebody has asked for a resource.
    func waitForQuestion() async {
        for await _ in questions.stream { return }
    }

    var context: OperationContext {
        OperationContext(
            taskName: "test.wait", operationName: nil, retryNumber: 0, maxRetries: 0,
            facts: { OperationFacts(subject: .deployment) }, backend: self,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    func resource(_ path: String) async throws -> [UInt8] {
        questions.continuation.yield()
        do {
            try await Task.sleep(for: .seconds(3600))
        } catch {
            wasCancelled.withLock { $0 = true }
            throw error
        }
        return []
    }

    func render(_ template: String, variables: [String: TemplateValue]) async throws -> String { template }
    func sendEvent(_ message: String) {}
    func node(_ id: String, instance: String?) async throws -> NodeRecord { throw refusal("A node") }
    func nodeInstance(_ id: String) async throws -> NodeInstanceRecord { throw refusal("An instance") }
    func storeRuntimeProperties(
        _ properties: [String: PropertyValue], of record: NodeInstanceRecord
    ) async throws -> NodeInstanceRecord { throw refusal("Storing") }
}
