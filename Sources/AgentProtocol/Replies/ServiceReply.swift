public import Operative

/// The answer to a service task (Cloudify agent protocol, service tasks): what the handler returns, as it is.
public enum ServiceReply: Sendable, Hashable {
    /// The agent is alive; `time` is its clock in seconds since 1970.
    case pong(time: Double)
    /// Done, with nothing to tell.
    case null
    /// Done, with something to tell.
    case value(PropertyValue)
    /// Not done. The text has the form of a Python exception, such as `KeyError('x')`.
    case failure(String)

    /// The reply to a task nobody has heard of.
    public static func unknownTask(_ name: String) -> ServiceReply {
        error("KeyError", name)
    }

    /// The reply to a task that failed, in the form of a Python exception of that type.
    public static func error(_ exceptionType: String, _ message: String) -> ServiceReply {
        .failure("\(exceptionType)(\(pythonLiteral(message)))")
    }

    /// The message body.
    public var json: [UInt8] {
        var writer = JSONWriter(reservingCapacity: 64)
        switch self {
        case .pong(let time):
            writer.raw("{\"time\":")
            writer.double(time)
            writer.raw("}")
        case .null: writer.raw("null")
        case .value(let value): writer.value(value)
        case .failure(let text):
            writer.raw("{\"ok\":false,\"error\":")
            writer.string(text)
            writer.raw("}")
        }
        return writer.bytes
    }

    /// The text as Python shows a string: single quotes, unless that needs escapes and double quotes do not.
    private static func pythonLiteral(_ text: String) -> String {
        let quote: Character = text.contains("'") && !text.contains("\"") ? "\"" : "'"
        var literal = String(quote)
        for character in text {
            switch character {
            case quote, "\\": literal += "\\\(character)"
            case "\n": literal += "\\n"
            case "\r": literal += "\\r"
            case "\t": literal += "\\t"
            default: literal.append(character)
            }
        }
        literal.append(quote)
        return literal
    }
}
