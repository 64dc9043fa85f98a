extension ManagerClient {
    /// Hands over log records and events: `POST /events`.
    ///
    /// Unless they may be, they are not sent twice: when it is not known whether they arrived, that is an error for the caller to decide about.
    ///
    /// - Parameters:
    ///   - events: Each one a JSON object; the manager stores them in this order.
    ///   - logs: Each one a JSON object; the manager stores them in this order.
    ///   - executionID: The execution they all belong to; `nil` when it is not known.
    ///   - isRepeatable: Whether they may arrive twice.
    public func post(
        events: [[UInt8]], logs: [[UInt8]], executionID: String?, isRepeatable: Bool = false
    ) async throws(ManagerError) {
        var body = Array("{\"events\": ".utf8)
        body += Self.array(events)
        body += Array(", \"logs\": ".utf8)
        body += Self.array(logs)
        body += Array(", \"agent_name\": ".utf8) + JSONLiteral.string(sender.agentName)
        body += Array(", \"manager_name\": ".utf8) + JSONLiteral.string(sender.managerName)
        if let executionID { body += Array(", \"execution_id\": ".utf8) + JSONLiteral.string(executionID) }
        body.append(UInt8(ascii: "}"))
        var request = ManagerRequest.api(.post, "events")
        request.body = .json(body)
        request.isRepeatable = isRepeatable
        _ = try await send(request)
    }

    private static func array(_ elements: [[UInt8]]) -> [UInt8] {
        guard !elements.isEmpty else { return Array("null".utf8) }
        var text: [UInt8] = [UInt8(ascii: "[")]
        text.reserveCapacity(elements.reduce(2) { $0 + $1.count + 2 })
        for (index, element) in elements.enumerated() {
            if index > 0 { text += [UInt8(ascii: ","), UInt8(ascii: " ")] }
            text += element
        }
        text.append(UInt8(ascii: "]"))
        return text
    }
}
