internal import ArgumentParser
internal import Operative

/// The flags that describe the task to send.
struct TaskOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "An input of the operation; the value is JSON if it can be read so, else text. May be repeated.",
            valueName: "key=value"))
    var input: [String] = []

    @Option(help: ArgumentHelp("All inputs as one JSON object.", valueName: "json"))
    var inputs: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("A property of the node. May be repeated.", valueName: "key=value"))
    var property: [String] = []

    @Option(help: ArgumentHelp("All properties of the node as one JSON object.", valueName: "json"))
    var properties: String?

    @Option(
        help: ArgumentHelp(
            "The node that the operation is for. Default: node, when properties are given.", valueName: "name"))
    var node: String?

    @Option(help: ArgumentHelp("The node instance. Default: the node's name and _1.", valueName: "id"))
    var instance: String?

    @Option(help: ArgumentHelp("The other side of a relationship operation: its node.", valueName: "name"))
    var targetNode: String?

    @Option(help: ArgumentHelp("The other side of a relationship operation: its instance.", valueName: "id"))
    var targetInstance: String?

    @Option(
        help: ArgumentHelp("The deployment; runtime properties are kept by deployment and instance.", valueName: "id"))
    var deployment = "local"

    @Option(help: ArgumentHelp("The execution that the task belongs to. Default: a new one.", valueName: "id"))
    var execution: String?

    @Option(
        help: ArgumentHelp(
            "The task's id. Default: a new one. A task sent twice with one id runs once.", valueName: "id"))
    var id: String?

    @Option(help: ArgumentHelp("The interface operation. Default: the task name.", valueName: "name"))
    var operation: String?

    @Option(help: ArgumentHelp("How often a failed attempt may be retried; -1 for any number.", valueName: "count"))
    var maxRetries = -1

    @Option(help: ArgumentHelp("How long one attempt may take, in seconds.", valueName: "seconds"))
    var operationTimeout: Double?

    /// Builds the task.
    ///
    /// - Throws: `ValidationError` that names the flag.
    func draft(taskName: String) throws -> TaskDraft {
        var draft = TaskDraft(taskName: taskName)
        draft.inputs = try KeyValueArguments.merge(
            object: inputs, pairs: input, objectFlag: "--inputs", pairFlag: "--input")
        draft.properties = try KeyValueArguments.merge(
            object: properties, pairs: property, objectFlag: "--properties", pairFlag: "--property")
        let nodeName = node ?? (draft.properties.isEmpty && instance == nil ? nil : "node")
        draft.node = nodeName.map { .init(name: $0, instance: instance ?? "\($0)_1") }
        draft.target = targetNode.map { .init(name: $0, instance: targetInstance ?? "\($0)_1") }
        guard draft.target == nil || draft.node != nil else {
            throw ValidationError("--target-node needs --node: a relationship has two sides.")
        }
        draft.deployment = deployment
        if let execution { draft.execution = execution }
        if let id { draft.id = id }
        draft.operation = operation
        draft.maximumRetries = maxRetries
        draft.timeout = operationTimeout
        return draft
    }
}
