internal import Operative

extension ManagerStore {
    mutating func execution(_ request: RecordedRequest, _ id: String?) -> ServerAnswer {
        guard let id else {
            if request.method == "POST" { return startExecution(request) }
            return list(Array(executions.values), request, ["deployment_id", "status", "id"])
        }
        guard var execution = executions[id] else { return Self.missing("Execution", id) }
        switch request.method {
        case "PATCH":
            let ended: Set<String> = ["terminated", "failed", "cancelled"]
            if let status = execution["status"]?.stringValue, ended.contains(status) {
                return .error(
                    400, "invalid_execution_status", "Invalid relationship - can't change status from \(status)")
            }
            execution["status"] = request.json?["status"] ?? execution["status"]
            if let error = request.json?["error"] { execution["error"] = error }
        case "POST":
            guard let status = Self.statusAfter(request.json?["action"]?.stringValue) else {
                return .error(400, "bad_parameters_error", "no such action")
            }
            execution["status"] = .string(status)
            // Cloudify agent protocol, 13.3.
            if status == "kill_cancelling", let token = executionTokens[id] { tokens?.remove(token) }
        default: break
        }
        executions[id] = execution
        return .json(.object(execution))
    }

    private static func statusAfter(_ action: String?) -> String? {
        switch action {
        case "cancel": "cancelling"
        case "force-cancel": "force_cancelling"
        case "kill": "kill_cancelling"
        default: nil
        }
    }

    /// A manager hands the token to its own worker only; here whoever starts an execution gets it with the answer.
    private mutating func startExecution(_ request: RecordedRequest) -> ServerAnswer {
        let number = executions.count + 1
        let suffix = String(number, radix: 10)
        let id = "e0000000-0000-4000-8000-" + String(repeating: "0", count: max(0, 12 - suffix.count)) + suffix
        let token = "execution-token-\(number)"
        tokens?.insert(token)
        executionTokens[id] = token
        let deployment = request.json?["deployment_id"] ?? nil
        executions[id] = [
            "id": .string(id), "status": "pending", "deployment_id": deployment,
            "blueprint_id": deployments[deployment.stringValue ?? ""]?["blueprint_id"] ?? nil,
            "workflow_id": request.json?["workflow_id"] ?? nil, "parameters": request.json?["parameters"] ?? [:],
            "error": nil, "is_system_workflow": false, "created_by": "admin",
        ]
        return .json(
            .object((executions[id] ?? [:]).merging(["execution_token": .string(token)]) { $1 }), status: 201)
    }
}
