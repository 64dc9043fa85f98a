internal import Operative

extension ManagerClient {
    /// An execution: `GET /executions/<id>`.
    public func execution(_ id: String) async throws(ManagerError) -> ExecutionRecord {
        try ExecutionRecord(try await fields(.api(.get, "executions", checked(id, as: "execution id"))))
    }

    /// The record of an operation: `GET /operations/<task id>`.
    ///
    /// - Returns: `nil` when the manager keeps none, so that states must not be stored either.
    public func operation(_ taskID: String) async throws(ManagerError) -> OperationRecord? {
        do throws(ManagerError) {
            return try OperationRecord(try await fields(.api(.get, "operations", checked(taskID, as: "task id"))))
        } catch {
            if error.reason == .notFound { return nil }
            throw error
        }
    }

    /// Stores where an operation stands: `PATCH /operations/<task id>`. `started` makes the manager write the event.
    ///
    /// - Parameter state: Such as `started` or `response-sent`.
    public func setOperationState(_ state: String, of taskID: String) async throws(ManagerError) {
        let members: [String: PropertyValue] = [
            "state": .string(state), "result": nil, "exception": nil, "exception_causes": nil,
            "manager_name": PropertyValue(sender.managerName), "agent_name": PropertyValue(sender.agentName),
        ]
        _ = try await send(writing(members, .api(.patch, "operations", checked(taskID, as: "task id"))))
    }
}
