/// The body of a delivered message.
public enum AMQPBody: Sendable, Hashable {
    /// The whole body.
    case complete([UInt8])
    /// A body larger than ``AMQPConfiguration/maximumMessageBytes``: its beginning, at most 1 MiB, and its true size in bytes.
    case oversized(prefix: [UInt8], size: UInt64)

    /// The bytes that are there: all of them, or the beginning of an oversized body.
    public var bytes: [UInt8] {
        switch self {
        case .complete(let bytes): bytes
        case .oversized(let prefix, _): prefix
        }
    }
}
