import Operative

extension MessageContext {
    /// Takes from a task what its records repeat, without decoding its context: the texts are copied as they stand in the message.
    ///
    /// For the task events of operations that neither log nor look at their context, which is most of them.
    public init(_ envelope: TaskEnvelope) {
        let body = envelope.body
        let bytes = body.span
        var texts = RawTexts()
        var scanner = JSONScanner(offset: envelope.layout.context)
        // The body has been checked, so reading on cannot fail.
        try? texts.read(bytes, &scanner)
        self.init(
            taskName: envelope.taskName, taskID: texts.taskID.map { $0.text(bytes) }, executionID: envelope.executionID,
            members: texts.members(envelope.body))
    }
}

/// Where the strings lie that a message context repeats. What is not a string is missing.
private struct RawTexts {
    var blueprintID, deploymentID, executionID, workflowID, taskID, taskName, taskQueue, taskTarget: JSONStringToken?
    var operation, plugin, tenant, nodeID, nodeName, relatedID, relatedName: JSONStringToken?
    var relatedIsTarget = false

    mutating func read(_ bytes: Span<UInt8>, _ scanner: inout JSONScanner) throws(JSONError) {
        try scanner.enterObject(bytes)
        var isFirst = true
        while let key = try scanner.nextKey(bytes, isFirst: &isFirst) {
            switch key.end - key.start {
            case _ where key.hasEscapes: try scanner.skipValue(bytes)
            case 6 where key.matches("tenant", bytes): tenant = try name(bytes, &scanner)
            case 6 where key.matches("plugin", bytes): plugin = try name(bytes, &scanner)
            case 7 where key.matches("task_id", bytes): taskID = try string(bytes, &scanner)
            case 7 where key.matches("node_id", bytes): nodeID = try string(bytes, &scanner)
            case 7 where key.matches("related", bytes): try readRelated(bytes, &scanner)
            case 9 where key.matches("task_name", bytes): taskName = try string(bytes, &scanner)
            case 9 where key.matches("node_name", bytes): nodeName = try string(bytes, &scanner)
            case 9 where key.matches("operation", bytes): operation = try name(bytes, &scanner)
            case 10 where key.matches("task_queue", bytes): taskQueue = try string(bytes, &scanner)
            case 11 where key.matches("task_target", bytes): taskTarget = try string(bytes, &scanner)
            case 11 where key.matches("workflow_id", bytes): workflowID = try string(bytes, &scanner)
            case 12 where key.matches("blueprint_id", bytes): blueprintID = try string(bytes, &scanner)
            case 12 where key.matches("execution_id", bytes): executionID = try string(bytes, &scanner)
            case 13 where key.matches("deployment_id", bytes): deploymentID = try string(bytes, &scanner)
            default: try scanner.skipValue(bytes)
            }
        }
    }

    func members(_ body: [UInt8]) -> [UInt8] {
        var writer = JSONWriter(reservingCapacity: 640)
        func member(_ key: StaticString, _ token: JSONStringToken?) {
            writer.raw(key)
            guard let token else { return writer.raw("null") }
            writer.bytes.append(contentsOf: body[token.start - 1...token.end])
        }
        member("\"blueprint_id\":", blueprintID)
        member(",\"deployment_id\":", deploymentID)
        member(",\"execution_id\":", executionID)
        member(",\"workflow_id\":", workflowID)
        member(",\"task_id\":", taskID)
        member(",\"task_name\":", taskName)
        member(",\"task_queue\":", taskQueue)
        member(",\"task_target\":", taskTarget)
        member(",\"operation\":", operation)
        member(",\"plugin\":", plugin)
        member(",\"tenant\":{\"name\":", tenant)
        writer.raw("}")
        if let relatedID, relatedID.end > relatedID.start {
            let (sourceID, sourceName) = relatedIsTarget ? (nodeID, nodeName) : (relatedID, relatedName)
            let (targetID, targetName) = relatedIsTarget ? (relatedID, relatedName) : (nodeID, nodeName)
            member(",\"source_id\":", sourceID)
            member(",\"source_name\":", sourceName)
            member(",\"target_id\":", targetID)
            member(",\"target_name\":", targetName)
        } else if let nodeID, nodeID.end > nodeID.start {
            member(",\"node_id\":", nodeID)
            member(",\"node_name\":", nodeName)
        }
        return writer.bytes
    }

    private mutating func readRelated(_ bytes: Span<UInt8>, _ scanner: inout JSONScanner) throws(JSONError) {
        guard try scanner.peekKind(bytes) == .object else { return try scanner.skipValue(bytes) }
        try scanner.enterObject(bytes)
        var isFirst = true
        while let key = try scanner.nextKey(bytes, isFirst: &isFirst) {
            if key.matches("node_id", bytes) {
                relatedID = try string(bytes, &scanner)
            } else if key.matches("node_name", bytes) {
                relatedName = try string(bytes, &scanner)
            } else if key.matches("is_target", bytes) {
                relatedIsTarget = try scanner.peek(bytes) == UInt8(ascii: "t")
                try scanner.skipValue(bytes)
            } else {
                try scanner.skipValue(bytes)
            }
        }
    }

    /// The member `name` of an object.
    private func name(_ bytes: Span<UInt8>, _ scanner: inout JSONScanner) throws(JSONError) -> JSONStringToken? {
        var found: JSONStringToken?
        guard try scanner.peekKind(bytes) == .object else {
            try scanner.skipValue(bytes)
            return nil
        }
        try scanner.enterObject(bytes)
        var isFirst = true
        while let key = try scanner.nextKey(bytes, isFirst: &isFirst) {
            if key.matches("name", bytes) { found = try string(bytes, &scanner) } else { try scanner.skipValue(bytes) }
        }
        return found
    }

    private func string(_ bytes: Span<UInt8>, _ scanner: inout JSONScanner) throws(JSONError) -> JSONStringToken? {
        if try scanner.peekKind(bytes) == .string { return try scanner.scanString(bytes) }
        try scanner.skipValue(bytes)
        return nil
    }
}
