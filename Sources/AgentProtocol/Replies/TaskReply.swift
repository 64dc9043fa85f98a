public import Operative

/// The answer to an operation task (Cloudify agent protocol, response body).
public enum TaskReply: Sendable, Hashable {
    /// The operation succeeded with this result, possibly null.
    case success(PropertyValue)
    /// The operation failed, or asks the engine to send it again.
    case failure(ErrorPayload)
    /// The operation succeeded and the agent ends.
    case stopAgent

    private static let plainSuccess = Array(#"{"ok":true,"result":null}"#.utf8)
    private static let plainStop = Array(#"{"ok":true}"#.utf8)

    /// The reply to an outcome; `nil` when nobody wants one.
    package init?(_ outcome: OperationOutcome) {
        switch outcome {
        case .succeeded(let value): self = .success(value)
        case .retry(let after, let message): self = .failure(.operationRetry(message, retryAfter: after))
        case .failed(let failure): self = .failure(ErrorPayload(failure))
        case .stopAgent: self = .stopAgent
        case .cancelled: return nil
        }
    }

    /// The message body.
    public var json: [UInt8] {
        switch self {
        case .success(.null): return Self.plainSuccess
        case .stopAgent: return Self.plainStop
        case .success(let value):
            var writer = JSONWriter(reservingCapacity: 128)
            writer.raw("{\"ok\":true,\"result\":")
            writer.value(value)
            writer.raw("}")
            return writer.bytes
        case .failure(let payload):
            var writer = JSONWriter(reservingCapacity: 512)
            writer.raw("{\"ok\":false,\"error\":")
            payload.write(to: &writer)
            writer.raw("}")
            return writer.bytes
        }
    }
}
