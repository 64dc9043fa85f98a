internal import Operative

/// The operations that a Cloudify manager expects of the agent itself.
struct CloudifyAgentPlugin: Plugin {
    static let name = "cloudify_agent"
    static let version = OperativeVersion.current

    var operations: [Operation] {
        Operation("cloudify_agent.operations.stop") { _ in throw StopAgentRequest() }
    }
}
