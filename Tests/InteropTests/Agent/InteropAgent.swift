import Operative
import OperativeAgent

/// An agent with one operation for everything that a manager can be told, and with those of a blueprint.
@main
struct InteropAgent: AgentProgram {
    static let plugins: [any Plugin] = [InteropPlugin(), ShopPlugin()]
}
