internal import DequeModule
public import Logging

/// A connection to a RabbitMQ broker that repairs itself.
///
/// After ``start()`` it connects, and reconnects after every loss, until ``close(within:)``. What was declared is declared
/// again, what was consumed is consumed again, and messages that were not confirmed are sent again in their order.
///
/// ```swift
/// let connection = AMQPConnection(
///     configuration: AMQPConfiguration(endpoints: [AMQPEndpoint(host: "localhost")]), logger: logger)
/// connection.start()
/// try await connection.connected(within: .seconds(10))
/// try await connection.declare(AMQPTopology(queues: [AMQPQueue(name: "tasks")]))
///
/// let deliveries = try await connection.consume(AMQPConsumer(queue: "tasks", prefetch: 16))
/// for await delivery in deliveries {
///     let reply = AMQPMessage(routingKey: delivery.replyTo ?? "replies", body: delivery.body.bytes)
///     if case .confirmed = try await connection.publish(reply) { delivery.acknowledge() }
/// }
/// await connection.close(within: .seconds(5))
/// ```
///
/// The actor runs on one thread of its own that sleeps in `poll` on the socket and never blocks anywhere else: names are
/// resolved, connections made and logins done by short-lived threads, and the socket is non-blocking from then on. So
/// heartbeats, deadlines and ``close(within:)`` work whatever the peer does.
///
/// A started connection stays alive until it is closed.
public actor AMQPConnection {
    enum Lifecycle {
        case idle, running, closing, closed
    }

    var configuration: AMQPConfiguration
    let logger: Logger
    let thread: IOThread
    let mailbox: Mailbox
    let hub = EventHub()

    var lifecycle = Lifecycle.idle
    var session: Session?
    var attempt: ConnectAttempt?
    /// Attempts whose connections nobody will use.
    var trials: [ConnectAttempt] = []
    /// Why the last connection or attempt failed; nil while connected.
    var lastFailure: AMQPError?
    /// Fired when a session becomes ready, and when the connection is closed.
    var ready = Signal()
    var connectWaiters: [Int: CheckedContinuation<Result<Void, AMQPError>, Never>] = [:]
    var nextWaiterID = 0
    var nextGeneration: UInt64 = 0
    var timers = TimerQueue()
    let closed = Signal()
    var closeAnswer = Signal()

    var topologies: [AMQPTopology] = []
    var consumers: [ConsumerSlot] = []

    /// Mail that is being handled; exchanged with the mailbox's.
    var mail = Mailbox.Contents()
    /// Messages that are not written yet, oldest first.
    var outbox: Deque<PendingPublish> = []
    /// Messages that are written and not confirmed.
    var inFlight = ConfirmLedger<PendingPublish>()
    var publisher: Channel?
    var isOpeningPublisher = false
    /// Messages that were in flight when the broker closed the publishing channel: one of them is why, so they go one by one.
    var suspects = 0
    var publisherBackoff: Backoff
    /// An exchange that was declared here is missing: everything is declared again before publishing goes on.
    var mustDeclareForPublishing = false
    /// The message that gets one more try after that.
    var lastChance: PendingPublish?
    var drained = Signal()
    var pace = TurnPace()

    /// The executor of the connection's own thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

    /// Creates a connection. Nothing happens before ``start()``.
    ///
    /// - Parameters:
    ///   - configuration: Where and how to connect.
    ///   - logger: Told about losses and repairs at `info` and `warning`, about details at `debug`.
    ///   - defersWakeUps: Asked on the thread that publishes or acknowledges. True promises that the same thread calls ``flush()``
    ///     soon; then the I/O thread is not woken for every single message.
    public init(
        configuration: AMQPConfiguration, logger: Logger, defersWakeUps: @escaping @Sendable () -> Bool = { false }
    ) {
        self.configuration = configuration
        self.logger = logger
        let thread = IOThread(name: "amqp-io")
        self.thread = thread
        mailbox = Mailbox(
            limit: configuration.outboxLimit, defersWakeUps: defersWakeUps, wakeUp: { thread.wakeUp() })
        publisherBackoff = Backoff(configuration.reconnect)
    }

    deinit {
        thread.stop()
    }

    /// Connects, and keeps connected, until ``close(within:)``. Calling it again does nothing.
    public nonisolated func start() {
        // Not through a task: the shared thread pool may be busy with somebody's blocking code.
        thread.serve(self)
    }

    func begin() {
        lifecycle = .running
        Task { await self.supervise() }
    }

    /// Waits until the connection is usable: logged in and the topology declared. Starts it when nobody has.
    ///
    /// - Parameter limit: How long to wait.
    /// - Throws: The last failure's reason when the time is over; at once when trying again cannot help, as with a refused
    ///   login, virtual host or certificate; ``AMQPError/Code/stopped`` when the connection is closed.
    public nonisolated func connected(within limit: Duration) async throws(AMQPError) {
        try await waitUntilConnected(within: limit)
    }

    private func waitUntilConnected(within limit: Duration) async throws(AMQPError) {
        start()
        nextWaiterID += 1
        let id = nextWaiterID
        var timer: Int?
        defer { if let timer { timers.cancel(timer) } }
        try await withCheckedContinuation { continuation in
            // Looked at in here, because a task that prefers an executor is suspended on the way into this closure.
            if let result = connectResult { return continuation.resume(returning: result) }
            connectWaiters[id] = continuation
            timer = timers.add(at: .now + limit) { self.expireWaiter(id, limit) }
        }.get()
    }

    /// What somebody who asks for the connection is told at once; nil when it has to be waited for.
    private var connectResult: Result<Void, AMQPError>? {
        if session?.isReady == true { return .success(()) }
        if let lastFailure, !lastFailure.isRetriable { return .failure(lastFailure) }
        return lifecycle == .closed || lifecycle == .closing ? .failure(.stopped) : nil
    }

    private func expireWaiter(_ id: Int, _ limit: Duration) {
        let reason = lastFailure ?? AMQPError(.timedOut, "not connected within \(limit)")
        connectWaiters.removeValue(forKey: id)?.resume(returning: .failure(reason))
    }

    func resumeConnectWaiters(_ result: Result<Void, AMQPError>) {
        let waiters = connectWaiters.values
        connectWaiters = [:]
        for waiter in waiters { waiter.resume(returning: result) }
    }

    /// Returns when the connection's thread has come round: a sign that it goes on, whatever the broker does.
    public nonisolated func takeTurn() async { await turn() }

    private func turn() {}

    /// What happens to the connection.
    public nonisolated var events: AMQPEvents { AMQPEvents(hub: hub) }
}
