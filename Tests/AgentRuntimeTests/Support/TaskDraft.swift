import Operative

/// A task as a test wants to send it.
struct TaskDraft {
    var taskName: String
    var id: String? = "task-1"
    var retryNumber = 0
    var maximumRetries = -1
    var execution = "execution-1"
    var token: String? = "token-1"
    var inputs: [String: PropertyValue] = [:]
    var timeout: Double?
    var timeoutRecoverable = false
    var resume = false
    var replyTo: String? = "replies"
    var correlationID: String? = "correlation-1"
    var answersCancellation = false
    var properties: [String: PropertyValue] = [:]

    init(_ taskName: String, id: String? = "task-1") {
        self.taskName = taskName
        self.id = id
    }

    func with(_ change: (inout TaskDraft) -> Void) -> TaskDraft {
        var copy = self
        change(&copy)
        return copy
    }

    var body: [UInt8] {
        var context: [String: PropertyValue] = [
            "__cloudify_context": "0.3", "type": "operation", "task_name": .string(taskName),
            "execution_id": .string(execution), "workflow_id": "install", "deployment_id": "dep",
            "node_id": "web_1", "node_name": "web", "node": ["properties": .object(properties)],
            "operation": [
                "name": "lifecycle.start", "retry_number": .integer(retryNumber),
                "max_retries": .integer(maximumRetries),
            ],
            "timeout": timeout.map { .double($0) } ?? .null, "timeout_recoverable": .bool(timeoutRecoverable),
            "resume": .bool(resume),
        ]
        if let token { context["execution_token"] = .string(token) }
        if let id { context["task_id"] = .string(id) }
        var kwargs = inputs
        kwargs["__cloudify_context"] = .object(context)
        var body: [String: PropertyValue] = ["cloudify_task": ["kwargs": .object(kwargs)]]
        if let id { body["id"] = .string(id) }
        return PropertyValue.object(body).json
    }
}
