import AgentProtocol
import AgentRuntime
import Foundation
import Operative
import Synchronization

/// Notes on which threads runtime properties are stored.
final class ThreadRecordingManager: Manager, ManagerlessAccess {
    private let names = Mutex<[String]>([])

    var threads: [String] { names.withLock { $0 } }

    func access(for task: OperationTaskContext) -> any ManagerAccess { self }
    func node(_ id: String, instance: String?) async throws -> NodeRecord { NodeRecord(id: id) }

    func nodeInstance(_ id: String) async throws -> NodeInstanceRecord { NodeInstanceRecord(id: id, nodeID: "node") }

    func storeRuntimeProperties(
        _ properties: [String: PropertyValue], of record: NodeInstanceRecord
    ) async throws -> NodeInstanceRecord {
        let name = try String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)
        names.withLock { $0.append(name) }
        return record
    }
}
