/// Where a plugin is installed.
package struct PluginEnvironment: Sendable, Hashable {
    /// The path of the Python that has it.
    package let interpreter: String
    /// The directory of its virtual environment; nil for the agent's own interpreter.
    package let directory: String?
    /// The version of the plugin; nil when it has none or nobody asked for one.
    package let version: String?

    package init(interpreter: String, directory: String? = nil, version: String? = nil) {
        self.interpreter = interpreter
        self.directory = directory
        self.version = version
    }
}
