import AgentProtocol
import Operative

/// What decodes as a task is well-formed JSON, gives up its inputs, and can be sent for another attempt.
func fuzzTaskEnvelope(_ bytes: [UInt8]) {
    guard let envelope = try? TaskEnvelope(decoding: bytes) else { return }
    precondition((try? PropertyValue(json: bytes)) != nil, "a task that is not JSON")
    precondition((try? envelope.inputs()) != nil, "inputs that cannot be read")
    _ = envelope.context().facts()
    guard let next = try? TaskEnvelope(decoding: envelope.rescheduled(retryNumber: 7, resume: true)) else {
        preconditionFailure("a task that cannot be sent again")
    }
    precondition(next.retryNumber == 7 && next.resume, "another attempt that does not say so")
    precondition(next.taskName == envelope.taskName && next.id == envelope.id, "another attempt at another task")
}

/// What decodes as a service task decodes the same from its JSON written again.
func fuzzServiceEnvelope(_ bytes: [UInt8]) {
    guard let envelope = try? ServiceTaskEnvelope(decoding: bytes) else { return }
    guard let json = try? PropertyValue(json: bytes).json, let again = try? ServiceTaskEnvelope(decoding: json) else {
        preconditionFailure("a service task that cannot be written again")
    }
    precondition(again.taskName == envelope.taskName && again.kwargs == envelope.kwargs, "another service task")
}
