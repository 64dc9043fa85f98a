import Operative

/// The environment of a script's process.
enum ScriptEnvironment {
    /// The longest variable that Linux takes, name and value together.
    private static let longest = 131_070

    /// What the inputs ask for: every input that is not one of the script runner's own, and over those `process.env`.
    ///
    /// - Throws: ``NonRecoverableError`` naming a variable that no process can have.
    static func variables(
        of inputs: [String: PropertyValue], process: ProcessOptions
    ) throws(NonRecoverableError) -> [String: String] {
        var values = inputs.filter { !ScriptInputs.own.contains($0.key) && $0.key != "__cloudify_context" }
        values.merge(process.variables) { $1 }
        var variables: [String: String] = [:]
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            let text = EnvironmentText.of(value)
            guard !name.isEmpty, !name.utf8.contains(where: { $0 == 0 || $0 == UInt8(ascii: "=") }) else {
                throw NonRecoverableError("input '\(name)' cannot be an environment variable: its name is not allowed")
            }
            guard !text.utf8.contains(0) else {
                throw NonRecoverableError(
                    "input '\(name)' cannot be an environment variable: it contains a NUL character")
            }
            let length = name.utf8.count + 1 + text.utf8.count
            guard length <= longest else {
                throw NonRecoverableError(
                    "input '\(name)' cannot be an environment variable: it takes \(length) bytes, at most \(longest) are possible"
                )
            }
            variables[name] = text
        }
        return variables
    }

    /// The whole environment.
    ///
    /// - Parameters:
    ///   - base: the agent's own, without what is not for scripts.
    ///   - variables: see ``variables(of:process:)``.
    ///   - temporaryDirectory: for `TMPDIR`, when nobody sets it.
    ///   - ctx: what `ctx` needs, and the directory in which it is; nil when the script has no ctx.
    static func complete(
        base: [String: String], execution: [String: String] = [:], variables: [String: String],
        temporaryDirectory: String, ctx: (environment: [String: String], path: String)?
    ) -> [String: String] {
        var environment = base
        environment.merge(execution) { $1 }
        if environment["TMPDIR"] == nil { environment["TMPDIR"] = temporaryDirectory }
        environment.merge(variables) { $1 }
        guard let ctx else {
            environment["CTX_SOCKET_URL"] = ""
            return environment
        }
        environment.merge(ctx.environment) { $1 }
        let path = environment["PATH"].flatMap { $0.isEmpty ? nil : $0 }
        environment["PATH"] = path.map { "\(ctx.path):\($0)" } ?? ctx.path
        return environment
    }
}
