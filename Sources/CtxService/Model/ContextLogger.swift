internal import Logging
internal import Operative

/// `ctx.logger`.
struct ContextLogger: Sendable {
    let logger: Logger

    private static let levels: [(String, Logger.Level)] = [
        ("debug", .debug), ("info", .info), ("warning", .warning), ("warn", .warning), ("error", .error),
        ("exception", .error), ("critical", .critical), ("fatal", .critical),
    ]

    var object: CtxObject {
        var attributes: [String: CtxObject.Attribute] = [:]
        for (name, level) in Self.levels {
            let function = method(name, [.required("msg")]) { _ in level }
            attributes[name] = { .function(function) }
        }
        let log = method("log", [.required("level"), .required("msg")]) { try Self.level($0) }
        attributes["log"] = { .function(log) }
        return CtxObject(type: "Logger", attributes: attributes)
    }

    private func method(
        _ name: String, _ parameters: [CtxFunction.Parameter],
        _ level: @escaping @Sendable (CtxFunction.Arguments) throws -> Logger.Level
    ) -> CtxFunction {
        var function = CtxFunction(name: name, parameters: parameters) { arguments in
            let text = LogMessage.text(arguments["msg"] ?? .null, arguments.rest)
            logger.log(level: try level(arguments), "\(text)")
            return .value(.null)
        }
        function.isVariadic = true
        return function
    }

    /// Python's numbers of levels.
    private static func level(_ arguments: CtxFunction.Arguments) throws(CtxFault) -> Logger.Level {
        guard let number = arguments["level"]?.intValue else {
            throw arguments.wrong("level", "a number, such as @20 for info")
        }
        return switch number {
        case ..<20: .debug
        case ..<30: .info
        case ..<40: .warning
        case ..<50: .error
        default: .critical
        }
    }
}
