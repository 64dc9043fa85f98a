package import Operative

extension OperationTaskContext {
    /// Reads the object that starts at `offset` of a body that has been checked.
    init(body: [UInt8], at offset: Int, taskName: String) {
        self.init(taskName: taskName)
        var scanner = JSONScanner(offset: offset)
        // The body is well-formed; a failure would leave the remaining fields absent, as the type promises.
        try? read(body.span, &scanner)
    }

    /// Reads a context that was decoded before. Fields of a wrong type count as absent, as does everything when it is no object.
    package init(_ value: PropertyValue) {
        self.init(taskName: value["task_name"]?.stringValue ?? "")
        for (name, value) in value.objectValue ?? [:] { set(name, value) }
    }

    private mutating func read(_ bytes: Span<UInt8>, _ scanner: inout JSONScanner) throws(JSONError) {
        try scanner.enterObject(bytes)
        var isFirst = true
        while let key = try scanner.nextKey(bytes, isFirst: &isFirst) {
            set(key.text(bytes), try scanner.readValue(bytes))
        }
    }

    private mutating func set(_ name: String, _ value: PropertyValue) {
        if !setIdentity(name, value), !setDeployment(name, value), !setNode(name, value) { setExecution(name, value) }
    }

    private mutating func setIdentity(_ name: String, _ value: PropertyValue) -> Bool {
        switch name {
        case "__cloudify_context": contextVersion = value.stringValue
        case "type": type = value.stringValue
        case "task_id": taskID = value.stringValue
        case "task_queue": taskQueue = value.stringValue
        case "task_target": taskTarget = value.stringValue
        case "execution_id": executionID = value.stringValue
        case "workflow_id": workflowID = value.stringValue
        case "workflow_parameters": workflowParameters = value.objectValue ?? [:]
        case "execution_creator_username": executionCreatorUsername = value.stringValue
        case "execution_token": executionToken = value.stringValue
        case "rest_token": restToken = value.stringValue
        case "rest_host":
            restHosts = value.stringValue.map { [$0] } ?? value.arrayValue?.compactMap(\.stringValue) ?? []
        case "rest_port": restPort = value.intValue
        case "rest_ssl_cert": restCertificate = value.stringValue
        default: return false
        }
        return true
    }

    private mutating func setDeployment(_ name: String, _ value: PropertyValue) -> Bool {
        switch name {
        case "tenant": tenant = value.objectValue ?? [:]
        case "blueprint_id": blueprintID = value.stringValue
        case "deployment_id": deploymentID = value.stringValue
        case "deployment_display_name": deploymentDisplayName = value.stringValue
        case "deployment_creator": deploymentCreator = value.stringValue
        case "deployment_resource_tags": deploymentResourceTags = value.objectValue ?? [:]
        case "runtime_only_evaluation": runtimeOnlyEvaluation = value.boolValue
        default: return false
        }
        return true
    }

    private mutating func setNode(_ name: String, _ value: PropertyValue) -> Bool {
        switch name {
        case "node_id": nodeID = value.stringValue
        case "node_name": nodeName = value.stringValue
        case "host_id": hostID = value.stringValue
        case "related": related = RelatedNode(value)
        case "node": node = value.objectValue
        case "instance": instance = value.objectValue
        default: return false
        }
        return true
    }

    private mutating func setExecution(_ name: String, _ value: PropertyValue) {
        switch name {
        case "executor": executor = value.stringValue
        case "has_intrinsic_functions": hasIntrinsicFunctions = value.boolValue ?? false
        case "plugin": plugin = value.objectValue == nil ? nil : PluginDeclaration(value)
        case "operation":
            operationName = value["name"]?.stringValue
            retryNumber = max(0, value["retry_number"]?.intValue ?? 0)
            maxRetries = max(-1, value["max_retries"]?.intValue ?? -1)
            relationshipSide = value["relationship"]?.stringValue
        case "timeout":
            timeout = value.doubleValue.flatMap { Duration(timeoutSeconds: $0, limit: EnvelopeScan.maximumTimeout) }
        case "timeout_recoverable": timeoutRecoverable = value.boolValue ?? false
        case "execution_env": executionEnvironment = value.objectValue?.compactMapValues(\.stringValue) ?? [:]
        case "bypass_maintenance": bypassMaintenance = value.boolValue ?? false
        case "resume": resume = value.boolValue ?? false
        case "local": isLocal = value.boolValue ?? false
        case "no_ctx_kwarg": omitsContextArgument = value.boolValue ?? false
        default: break
        }
    }
}
