import Operative

/// The part that all records of one operation have in common (Cloudify agent protocol, logs and events).
///
/// Encoded once, used for every record.
public struct MessageContext: Sendable {
    /// The operation's name, for the texts of task events.
    public let taskName: String
    /// The id of the task, from which the records' logger is named.
    public let taskID: String?
    /// The execution to which the records belong.
    public let executionID: String?

    /// The members of the context object, without its braces.
    let members: [UInt8]
    /// The members of a log record up to the value of its level.
    let logHead: [UInt8]

    /// Takes from a task what its records repeat.
    public init(_ context: OperationTaskContext) {
        var writer = JSONWriter(reservingCapacity: 640)
        writer.member("\"blueprint_id\":", context.blueprintID)
        writer.member(",\"deployment_id\":", context.deploymentID)
        writer.member(",\"execution_id\":", context.executionID)
        writer.member(",\"workflow_id\":", context.workflowID)
        writer.member(",\"task_id\":", context.taskID)
        writer.member(",\"task_name\":", context.taskName)
        writer.member(",\"task_queue\":", context.taskQueue)
        writer.member(",\"task_target\":", context.taskTarget)
        writer.member(",\"operation\":", context.operationName)
        writer.member(",\"plugin\":", context.plugin?.name)
        writer.member(",\"tenant\":{\"name\":", context.tenantName)
        writer.raw("}")
        Self.write(context.subject, to: &writer)
        self.init(
            taskName: context.taskName, taskID: context.taskID, executionID: context.executionID, members: writer.bytes)
    }

    init(taskName: String, taskID: String?, executionID: String?, members: [UInt8]) {
        self.taskName = taskName
        self.taskID = taskID
        self.executionID = executionID
        self.members = members
        var head = JSONWriter(reservingCapacity: members.count + 96)
        head.raw("{\"context\":{")
        head.raw(members)
        head.member("},\"logger\":", "ctx." + (taskID ?? "cloudify_plugin"))
        head.raw(",\"level\":\"")
        logHead = head.bytes
    }

    private static func write(_ subject: ContextSubject, to writer: inout JSONWriter) {
        switch subject {
        case .nodeInstance(let node):
            writer.member(",\"node_id\":", node.instanceID)
            writer.member(",\"node_name\":", node.nodeID)
        case .relationship(let source, let target):
            writer.member(",\"source_id\":", source.instanceID)
            writer.member(",\"source_name\":", source.nodeID)
            writer.member(",\"target_id\":", target.instanceID)
            writer.member(",\"target_name\":", target.nodeID)
        case .deployment: break
        }
    }
}

extension JSONWriter {
    /// A key with its punctuation, and a string or null.
    mutating func member(_ key: StaticString, _ value: String?) {
        raw(key)
        string(value)
    }
}
