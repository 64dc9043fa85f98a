import Operative
import OperativeAgent

/// The stock agent: no native operations of its own; see docs/plugin-guide.md for an agent with yours.
@main
struct OperativeProgram: AgentProgram {
    static let plugins: [any Plugin] = []
}
