import AgentProtocol
import AgentRuntime
import AgentTestSupport
import Operative
import Synchronization

/// For tests whose operations touch no instance.
struct NoInstances: InstanceData {
    private let refusal = NonRecoverableError("this test has no instances")

    func nodeProperties(of node: NodeReference, for task: OperationTaskContext) async throws -> [String: PropertyValue]
    {
        throw refusal
    }

    func loadRuntimeProperties(
        of node: NodeReference, for task: OperationTaskContext
    ) async throws -> VersionedProperties { throw refusal }

    func storeRuntimeProperties(
        _ properties: [String: PropertyValue], version: Int, of node: NodeReference, for task: OperationTaskContext
    ) async throws -> VersionedProperties { throw refusal }
}

final class CountingArchive: MessageArchive {
    private let rejections = Milestone()
    let undeliverable = Milestone()
    var rejected: Int { rejections.count }

    func keepRejected(_ bytes: [UInt8], size: UInt64, reason: String) async { rejections.change() }

    func keepUndeliverable(_ reply: OutgoingReply) async -> @Sendable () async -> Void {
        undeliverable.change()
        return { [self] in undeliverable.change(by: -1) }
    }
}

/// How often each task ran.
final class Runs: Sendable {
    private let counts = Mutex<[String: Int]>([:])
    var all: [String: Int] { counts.withLock { $0 } }
    func note(_ task: String?) { counts.withLock { $0[task ?? "none", default: 0] += 1 } }
}
