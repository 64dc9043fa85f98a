import Operative

/// The keys of a task's context that dispatching needs. Told apart by their length first: most keys are none of them.
enum ContextKey {
    case type, taskName, executionID, executionToken, operation, timeout, timeoutRecoverable, resume

    init?(_ key: JSONStringToken, _ bytes: Span<UInt8>) {
        guard !key.hasEscapes else {
            self.init(name: key.text(bytes))
            return
        }
        switch key.end - key.start {
        case 4 where key.matches("type", bytes): self = .type
        case 6 where key.matches("resume", bytes): self = .resume
        case 7 where key.matches("timeout", bytes): self = .timeout
        case 9 where key.matches("task_name", bytes): self = .taskName
        case 9 where key.matches("operation", bytes): self = .operation
        case 12 where key.matches("execution_id", bytes): self = .executionID
        case 15 where key.matches("execution_token", bytes): self = .executionToken
        case 19 where key.matches("timeout_recoverable", bytes): self = .timeoutRecoverable
        default: return nil
        }
    }

    private init?(name: String) {
        switch name {
        case "type": self = .type
        case "resume": self = .resume
        case "timeout": self = .timeout
        case "task_name": self = .taskName
        case "operation": self = .operation
        case "execution_id": self = .executionID
        case "execution_token": self = .executionToken
        case "timeout_recoverable": self = .timeoutRecoverable
        default: return nil
        }
    }
}
