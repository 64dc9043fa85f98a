import ComputePlugin
import Operative
import OperativeAgent

/// An agent with the compute plugin.
@main
struct ComputeAgent: AgentProgram {
    static let plugins: [any Plugin] = [ComputePlugin()]
}
