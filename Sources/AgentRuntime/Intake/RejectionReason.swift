internal import AgentProtocol

/// Why a message cannot be taken for a task.
enum RejectionReason: Error {
    case oversized(prefix: [UInt8], size: UInt64)
    case malformed([UInt8], EnvelopeError)

    /// What there is of the message.
    var bytes: [UInt8] {
        switch self {
        case .oversized(let prefix, _): prefix
        case .malformed(let bytes, _): bytes
        }
    }

    /// The length of the whole message.
    var size: UInt64 {
        switch self {
        case .oversized(_, let size): size
        case .malformed(let bytes, _): UInt64(bytes.count)
        }
    }

    var message: String {
        switch self {
        case .oversized(_, let size):
            "The message has \(size) bytes, more than max_message_bytes allows."
        case .malformed(_, let error):
            "The message is no operation task: \(error)"
        }
    }
}
