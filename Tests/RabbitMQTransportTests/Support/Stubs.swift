import AgentProtocol
import AgentRuntime
import AgentTestSupport
import Operative
import Synchronization

/// For tests whose operations touch no instance.
struct NoManager: Manager, ManagerlessAccess {
    func access(for task: OperationTaskContext) -> any ManagerAccess { self }

    func node(_ id: String, instance: String?) async throws -> NodeRecord { throw refusal("The node \(id)") }
    func nodeInstance(_ id: String) async throws -> NodeInstanceRecord { throw refusal("The instance \(id)") }
    func storeRuntimeProperties(
        _ properties: [String: PropertyValue], of record: NodeInstanceRecord
    ) async throws -> NodeInstanceRecord { throw refusal("The instance \(record.id)") }
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

    func undelivered(after id: String?, limit: Int) async -> [KeptReply] { [] }
}

/// How often each task ran.
final class Runs: Sendable {
    private let counts = Mutex<[String: Int]>([:])
    var all: [String: Int] { counts.withLock { $0 } }
    func note(_ task: String?) { counts.withLock { $0[task ?? "none", default: 0] += 1 } }
}
