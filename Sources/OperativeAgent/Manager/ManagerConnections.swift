internal import AgentConfiguration
internal import AgentRuntime
internal import Logging
internal import ManagerClient
internal import Synchronization

/// The way to managers, one for the whole process: whoever talks to a manager gets a client here.
///
/// Its pool of connections, and the thread of that, are made when they are first needed: an agent without managers has neither.
final class ManagerConnections: Sendable {
    private enum State {
        case unused
        case open(ManagerPool)
        case closed
    }

    private let environment: [String: String]
    private let sender: ManagerSender
    private let trust: ManagerTrust
    private let configuration: ManagerPoolConfiguration
    private let logger: Logger
    private let state = Mutex(State.unused)

    /// - Parameters:
    ///   - environment: The process's variables: `REST_PROTOCOL`, `REST_HOST`, `REST_PORT`, `LOCAL_REST_CERT_FILE` and others.
    ///   - sender: Who the agent says it is.
    ///   - trust: What service tasks have changed since the start.
    init(
        environment: [String: String] = ProcessEnvironment.all, sender: ManagerSender,
        trust: ManagerTrust = ManagerTrust(caFile: nil),
        configuration: ManagerPoolConfiguration = ManagerPoolConfiguration(), logger: Logger
    ) {
        self.environment = environment
        self.sender = sender
        self.trust = trust
        self.configuration = configuration
        self.logger = logger
    }

    /// Those of an agent: it has the name that its service says, else its own.
    convenience init(_ configuration: AgentConfiguration, trust: ManagerTrust, logger: Logger) {
        let environment = ProcessEnvironment.all
        self.init(
            environment: environment, sender: ManagerSender(agentName: configuration.name, environment: environment),
            trust: trust, logger: logger)
    }

    /// A client for what a task tells of its manager. Reads the file with the certificate authority.
    ///
    /// - Throws: ``ManagerAddressError`` when the task and the environment do not say where the manager is or whom to trust there;
    ///   ``ManagerError`` with the reason `closed` after ``shutdown()``.
    func client(for facts: ManagerFacts) throws -> ManagerClient {
        let current = trust.current
        var facts = facts
        var environment = environment
        if let hosts = current.hosts {
            facts.hosts = hosts
            // It was said when the agent was installed, and these are named later.
            environment["REST_HOST"] = nil
        }
        if environment["LOCAL_REST_CERT_FILE"]?.isEmpty ?? true { environment["LOCAL_REST_CERT_FILE"] = current.caFile }
        let address = try ManagerAddress.resolve(facts, environment: environment)
        return try pool().client(for: address, credentials: ManagerCredentials(facts), sender: sender, logger: logger)
    }

    /// Ends all connections. Requests that are under way fail, and no new ones can be made.
    func shutdown() async {
        let pool: ManagerPool? = state.withLock { state in
            defer { state = .closed }
            guard case .open(let pool) = state else { return nil }
            return pool
        }
        await pool?.shutdown()
    }

    private func pool() throws -> ManagerPool {
        try state.withLock { state in
            switch state {
            case .open(let pool): return pool
            case .closed:
                throw ManagerError(.closed, message: "the connections to managers are closed", request: "connecting")
            case .unused:
                let pool = ManagerPool(configuration: configuration)
                state = .open(pool)
                return pool
            }
        }
    }
}
