/// A value in a table of headers or arguments, with RabbitMQ's types.
public enum AMQPFieldValue: Sendable, Hashable {
    /// An absent value.
    case null
    /// A truth value.
    case bool(Bool)
    /// Any integer width; written in the narrowest of 32 and 64 bits that holds it, as RabbitMQ expects of arguments.
    case integer(Int64)
    /// Any floating point width; written with 64 bits.
    case double(Double)
    /// UTF-8 text.
    case string(String)
    /// Bytes of no stated encoding, also text that is not valid UTF-8.
    case bytes([UInt8])
    /// Seconds since 1970.
    case timestamp(UInt64)
    /// A list.
    case array([AMQPFieldValue])
    /// A nested table.
    case table([String: AMQPFieldValue])

    /// The text of a `.string`, otherwise nil.
    public var stringValue: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The number of an `.integer`, otherwise nil.
    public var integerValue: Int64? {
        if case .integer(let value) = self { value } else { nil }
    }
}

extension AMQPFieldValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByFloatLiteral
{
    /// A `.string`.
    public init(stringLiteral value: String) { self = .string(value) }
    /// An `.integer`.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// A `.bool`.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// A `.double`.
    public init(floatLiteral value: Double) { self = .double(value) }
}
