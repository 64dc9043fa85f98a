internal import AgentSabotage
internal import Glibc

/// What a process that runs for an operation inherits of the agent's environment.
///
/// As with the Python agent that is nearly everything (`AGENT_…`, `CFY_…`, what the administrator has added). What is left out is
/// the agent's own: its settings, passwords among them, and what systemd has given to it and nobody else.
package struct OperationEnvironment: Sendable {
    private static let privatePrefixes = ["OPERATIVE_", "WATCHDOG_", "LISTEN_", "MEMORY_PRESSURE_"]
    private static let privateNames: Set<String> = [
        "CREDENTIALS_DIRECTORY", "FDSTORE", "INVOCATION_ID", "JOURNAL_STREAM", "MAINPID", "MANAGERPID", "NOTIFY_SOCKET",
        "SYSTEMD_EXEC_PID",
    ]

    /// The agent's environment without what is its own.
    package let inherited: [String: String]

    /// - Parameters:
    ///   - environment: The agent's own.
    ///   - user: Whom the process is to run as: `HOME`, `USER`, `LOGNAME` and `SHELL` are then that user's. Nil for the agent's own.
    package init(of environment: [String: String], user: String? = nil) {
        var inherited = environment.filter { name, _ in
            Sabotage.isOn(.inheritEverything)
                || !Self.privateNames.contains(name) && !Self.privatePrefixes.contains { name.hasPrefix($0) }
        }
        if let user, let account = Self.account(user) { inherited.merge(account) { $1 } }
        self.inherited = inherited
    }

    private static func account(_ user: String) -> [String: String]? {
        var entry = unsafe passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        return unsafe buffer.withUnsafeMutableBufferPointer { room in
            guard let base = room.baseAddress, unsafe getpwnam_r(user, &entry, base, room.count, &found) == 0,
                unsafe found != nil, let home = unsafe entry.pw_dir, let shell = unsafe entry.pw_shell
            else { return nil }
            return unsafe [
                "HOME": String(cString: home), "USER": user, "LOGNAME": user, "SHELL": String(cString: shell),
            ]
        }
    }
}
