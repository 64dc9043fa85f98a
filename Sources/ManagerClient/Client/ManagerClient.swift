internal import Logging

/// Talks to a manager for one task: its REST service and its file server.
///
/// A value that is cheap to make and to copy; connections belong to the ``ManagerPool``. Requests that may be repeated are tried
/// again while the manager is out of reach, on all of its hosts, as ``RetryPolicy`` says; cancelling the task ends them at once.
/// Everything throws ``ManagerError``.
public struct ManagerClient: Sendable {
    /// Where the manager is.
    public let address: ManagerAddress
    /// By what right requests are made.
    public let credentials: ManagerCredentials
    /// Who the agent says it is.
    public let sender: ManagerSender
    /// How long one call may take with all its repetitions; `nil` when only the retry policy limits it.
    public var deadline: Duration?
    /// When to send again; that of the pool unless changed.
    public var retry: RetryPolicy

    let pool: ManagerPool
    let logger: Logger

    init(
        pool: ManagerPool, address: ManagerAddress, credentials: ManagerCredentials, sender: ManagerSender,
        logger: Logger
    ) {
        self.pool = pool
        self.address = address
        self.credentials = credentials
        self.sender = sender
        self.logger = logger
        retry = pool.configuration.retry
    }

    /// The same client with another limit for each call.
    public func limited(to deadline: Duration?) -> ManagerClient {
        var client = self
        client.deadline = deadline
        return client
    }

    /// The same client with another rule for repetitions.
    public func retrying(_ policy: RetryPolicy) -> ManagerClient {
        var client = self
        client.retry = policy
        return client
    }
}
