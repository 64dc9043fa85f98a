internal import AgentRuntime

/// New identifiers for tasks and executions.
enum Identifier {
    static func random() -> String { RandomIdentifier.make() }
}
