import AgentProtocol
import AgentRuntime
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
    private let counts = Mutex((rejected: 0, undeliverable: 0))
    var rejected: Int { counts.withLock { $0.rejected } }
    var undeliverable: Int { counts.withLock { $0.undeliverable } }

    func keepRejected(_ bytes: [UInt8], size: UInt64, reason: String) async { counts.withLock { $0.rejected += 1 } }

    func keepUndeliverable(_ reply: OutgoingReply) async -> @Sendable () async -> Void {
        counts.withLock { $0.undeliverable += 1 }
        return { [self] in counts.withLock { $0.undeliverable -= 1 } }
    }
}

/// How often each task ran.
final class Runs: Sendable {
    private let counts = Mutex<[String: Int]>([:])
    var all: [String: Int] { counts.withLock { $0 } }
    func note(_ task: String?) { counts.withLock { $0[task ?? "none", default: 0] += 1 } }
}
