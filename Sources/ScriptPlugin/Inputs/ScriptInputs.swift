import Operative
import PythonFormat

/// The inputs of `script_runner.tasks.run`, read and checked.
struct ScriptInputs: Sendable {
    /// Where the script comes from.
    var origin: ScriptOrigin
    /// How it is to be run.
    var process: ProcessOptions
    /// The environment variables that the inputs and `process.env` ask for, the latter first.
    var variables: [String: String]

    /// - Throws: ``NonRecoverableError`` naming the input; the same inputs would be wrong again.
    init(_ inputs: [String: PropertyValue]) throws(NonRecoverableError) {
        let path = inputs["script_path"] ?? .null
        let source = inputs["script_source"] ?? .null
        guard !path.isNull || !source.isNull else {
            throw NonRecoverableError("Either script_path or script_source must be provided")
        }
        guard !PythonText.isTrue(path) || !PythonText.isTrue(source) else {
            throw NonRecoverableError("Only provide script_path or script_source, not both")
        }
        if PythonText.isTrue(source) {
            origin = .source(dedent(try Self.text(source, "script_source")))
        } else {
            guard PythonText.isTrue(path) else { throw NonRecoverableError("script_path or script_source is empty") }
            let path = try Self.text(path, "script_path")
            let authority = inputs["ssl_cert_content"] ?? .null
            origin = ScriptOrigin(
                path: path,
                certificateAuthority: PythonText.isTrue(authority)
                    ? try Self.text(authority, "ssl_cert_content") : nil)
        }
        process = try ProcessOptions(inputs["process"] ?? .null)
        variables = try ScriptEnvironment.variables(of: inputs, process: process)
    }

    /// The names of inputs that are not for the script.
    static let own: Set<String> = ["script_path", "script_source", "process", "ssl_cert_content", "ctx"]

    private static func text(_ value: PropertyValue, _ name: String) throws(NonRecoverableError) -> String {
        guard case .string(let text) = value else {
            throw NonRecoverableError("input '\(name)': expected a string, found \(value.kindDescription)")
        }
        return text
    }
}
