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
    private let names = Mutex(0)
    var rejected: Int { rejections.count }

    func keepRejected(_ bytes: [UInt8], size: UInt64, reason: String) async { rejections.change() }

    func keepUndeliverable(_ reply: UndeliverableReply) async -> String? {
        undeliverable.change()
        let number = names.withLock { count in
            count += 1
            return count
        }
        return "u\(number)"
    }

    func removeUndeliverable(_ id: String) async { undeliverable.change(by: -1) }

    func undelivered(limit: Int) async -> [KeptReply] { [] }
}

/// How often each task ran.
final class Runs: Sendable {
    private let counts = Mutex<[String: Int]>([:])
    var all: [String: Int] { counts.withLock { $0 } }
    func note(_ task: String?) { counts.withLock { $0[task ?? "none", default: 0] += 1 } }
}
