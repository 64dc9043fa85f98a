import Operative
import PythonFormat

/// The input `process`: how a script is to be run.
struct ProcessOptions: Sendable {
    /// Whether Python evaluates the script; nil leaves it to the script's name or text.
    enum Evaluation: Sendable, Hashable { case byPython, byCommand, asItIs }

    /// What scripts are given to talk to ctx.
    enum Proxy: Sendable, Hashable {
        case served, none
        /// A kind that nobody knows. It matters only when a command is run.
        case unknown(String)
    }

    var variables: [String: PropertyValue] = [:]
    var workingDirectory: String?
    var arguments: [String] = []
    /// Nil leaves it to the script's name; an empty one is none.
    var commandPrefix: String?
    var evaluation = Evaluation.asItIs
    var proxy = Proxy.served
    /// As they were given: the log shows them so.
    var logsOutput = PropertyValue.bool(true)
    var logsErrors = PropertyValue.bool(true)
    var mergesErrors = PropertyValue.bool(false)

    init() {}

    /// - Throws: ``NonRecoverableError`` naming what is wrong.
    init(_ value: PropertyValue) throws(NonRecoverableError) {
        guard PythonText.isTrue(value) else { return }
        guard case .object(let fields) = value else {
            throw NonRecoverableError("input 'process': expected an object, found \(value.kindDescription)")
        }
        func field(_ name: String) -> PropertyValue { fields[name] ?? .null }
        switch field("env") {
        case .null: break
        case .object(let env): variables = env
        case let other: throw Self.wrong("env", "an object", other)
        }
        workingDirectory = try Self.text(field("cwd"), "cwd")
        commandPrefix = try Self.text(field("command_prefix"), "command_prefix")
        if commandPrefix == nil, fields["command_prefix"] != nil { commandPrefix = "" }
        arguments = try Self.arguments(field("args"))
        switch field("eval_python") {
        case .bool(let flag): evaluation = flag ? .byPython : .byCommand
        case .null: break
        case let other: throw Self.wrong("eval_python", "true or false", other)
        }
        switch field("ctx_proxy_type") {
        case "auto", "http": proxy = .served
        case "none": proxy = .none
        case let other: proxy = PythonText.isTrue(other) ? .unknown(EnvironmentText.of(other)) : .served
        }
        logsOutput = fields["log_stdout"] ?? true
        logsErrors = fields["log_stderr"] ?? true
        mergesErrors = fields["stderr_to_stdout"] ?? false
    }

    private static func arguments(_ value: PropertyValue) throws(NonRecoverableError) -> [String] {
        guard PythonText.isTrue(value) else { return [] }
        guard case .array(let elements) = value else { throw wrong("args", "a list", value) }
        var arguments: [String] = []
        for (index, element) in elements.enumerated() {
            switch element {
            case .string, .integer, .double: arguments.append(EnvironmentText.of(element))
            default: throw wrong("args[\(index)]", "a string", element)
            }
        }
        return arguments
    }

    private static func text(_ value: PropertyValue, _ name: String) throws(NonRecoverableError) -> String? {
        guard PythonText.isTrue(value) else { return nil }
        guard case .string(let text) = value else { throw wrong(name, "a string", value) }
        return text
    }

    private static func wrong(_ name: String, _ expected: String, _ found: PropertyValue) -> NonRecoverableError {
        NonRecoverableError("input 'process.\(name)': expected \(expected), found \(found.kindDescription)")
    }
}
