internal import AgentProtocol
internal import Journal
internal import Operative

/// What is known without a manager: nodes and instances as the task describes them, and runtime properties, which are kept in the
/// state directory by deployment and instance.
///
/// A task may bring runtime properties too; they count as long as nothing is stored for the instance.
struct LocalAccess: ManagerlessAccess {
    private struct Brought {
        let nodeID: String
        let node: [String: PropertyValue]
        let instance: [String: PropertyValue]
    }

    let store: LocalInstanceStore
    let directory: StateDirectory
    let task: OperationTaskContext

    var remedy: String { "A task can bring its node and instance itself: see docs/ctx.md." }

    func node(_ id: String, instance: String?) async throws -> NodeRecord {
        let found = instance.flatMap(brought) ?? (task.nodeID.flatMap(brought)).flatMap { $0.nodeID == id ? $0 : nil }
        guard let found else { throw refusal("The node \(id)") }
        var record = NodeRecord(id: id, fields: found.node)
        record.properties = record.properties ?? [:]
        return record
    }

    func nodeInstance(_ id: String) async throws -> NodeInstanceRecord {
        let stored = try store.load(deployment: deployment, instance: id)
        let found = brought(id)
        guard stored != nil || found != nil else { throw refusal("The node instance \(id)") }
        var record = NodeInstanceRecord(id: id, nodeID: found?.nodeID ?? "", fields: found?.instance ?? [:])
        if id == task.nodeID { record.hostID = record.hostID ?? task.hostID }
        record.version = stored?.version ?? 0
        if let stored { record.runtimeProperties = try PropertyValue(json: stored.json).objectValue ?? [:] }
        return record
    }

    func storeRuntimeProperties(
        _ properties: [String: PropertyValue], of record: NodeInstanceRecord
    ) async throws -> NodeInstanceRecord {
        var record = record
        do {
            record.version = try store.store(
                deployment: deployment, instance: record.id, json: PropertyValue.object(properties).json,
                expectedVersion: record.version)
        } catch let error as JournalError where error.code == .versionConflict {
            throw UpdateConflict(
                instance: record.id, reason: "another operation has changed them since version \(record.version)")
        }
        record.runtimeProperties = properties
        return record
    }

    func pluginWorkdir() async throws -> String? {
        guard let plugin = task.plugin?.name, !plugin.isEmpty else { return nil }
        return try directory.makeDirectory(["work", "plugins", plugin])
    }

    private func brought(_ instance: String) -> Brought? {
        if instance == task.nodeID {
            return Brought(nodeID: task.nodeName ?? "", node: task.node ?? [:], instance: task.instance ?? [:])
        }
        guard let related = task.related, instance == related.nodeID else { return nil }
        return Brought(nodeID: related.nodeName, node: related.node ?? [:], instance: related.instance ?? [:])
    }

    private var deployment: String { task.deploymentID ?? "" }
}
