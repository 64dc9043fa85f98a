package import AgentProtocol
package import Operative

/// For agents that install no plugins: the agent's own Python has them all.
package struct OwnInterpreter: PluginEnvironments {
    private let interpreter: String

    package init(interpreter: String) { self.interpreter = interpreter }

    package func environment(
        for plugin: PluginInfo?, tenant: String?, deployment: String?, task: OperationTaskContext
    ) async throws -> PluginEnvironment {
        PluginEnvironment(interpreter: interpreter)
    }
}
