/// What a process that runs for an operation inherits of the agent's environment.
package struct OperationEnvironment: Sendable {
    /// The agent's environment without its secrets and without what belongs to its own service.
    package let inherited: [String: String]

    /// - Parameter environment: The agent's own.
    package init(of environment: [String: String]) {
        inherited = environment.filter { name, _ in !Self.isPrivate(name) }
    }

    private static func isPrivate(_ name: String) -> Bool {
        name.hasPrefix("OPERATIVE_") || name.hasPrefix("WATCHDOG_") || name.hasPrefix("LISTEN_")
            || name == "NOTIFY_SOCKET" || name == "CREDENTIALS_DIRECTORY"
    }
}
