/// What operations must have in common to be children of one parent: anything else is seen while a plugin is imported.
struct WarmEnvironment: Sendable, Hashable {
    let plugin: PluginEnvironment
    let interpreter: String
    let variables: [String: String]

    init(_ request: DispatchRequest) {
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
