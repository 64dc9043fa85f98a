import Operative
import OperativeAgent
import WebServerPlugin

/// An agent with the example plugins.
@main
struct ExampleAgent: AgentProgram {
    static let plugins: [any Plugin] = [WebServerPlugin(), MachinePlugin()]
}
