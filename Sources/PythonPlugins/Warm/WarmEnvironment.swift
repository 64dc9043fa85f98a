/// What operations must have in common to be children of one parent: anything else is seen while a plugin is imported.
struct WarmEnvironment: Sendable, Hashable {
    let plugin: PluginEnvironment
    let interpreter: String
    let variables: [String: String]
    /// The top-level package of the function's module: what the import of one plugin leaves behind, such as variables, patches and the
    /// current directory, is not seen by the functions of another one.
    let package: Substring

    /// - Parameter module: The module of the function, as in `package.module`.
    init(_ request: DispatchRequest, module: String) {
        package = module.prefix { $0 != "." }
        plugin = request.plugin
        interpreter = request.interpreter
        variables = request.environment
    }

    /// For log lines: the plugin's folder, or the interpreter where there is none.
    var name: String { plugin.directory ?? interpreter }

    /// Files whose change no import shows.
    var files: [String] {
        let folder = plugin.directory.map { ["\($0)/plugin.id", "\($0)/pyvenv.cfg"] } ?? []
        return folder + (interpreter.contains("/") ? [interpreter] : [])
    }
}
