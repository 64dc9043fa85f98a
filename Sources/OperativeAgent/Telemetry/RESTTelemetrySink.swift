internal import AgentExecutors
internal import AgentRuntime
internal import Logging
internal import ManagerClient
internal import Synchronization

/// Log records and events on their way to managers: `POST /events` (Cloudify agent protocol since version 6), many records of one execution in one request.
///
/// What a manager does not take for now is for the caller to send again, who keeps the order. A request whose answer is lost is
/// made again: a record may arrive twice, and none is left out. One destination's trouble holds up no other.
final class RESTTelemetrySink: TelemetrySink {
    /// Hosts that are away are passed over in one request; whoever made it keeps the records meanwhile.
    private static let retry = RetryPolicy(
        unreachable: .seconds(3), unavailable: .zero, serverError: .zero, forbidden: .zero, truncated: .zero,
        firstPause: .milliseconds(100), longestPause: .seconds(1))
    /// Of one request. A manager that takes longer than that is away.
    private static let patience = Duration.seconds(120)

    private let connections: ManagerConnections
    private let logger: Logger
    private let time: ManagerTime
    private let thread = DispatchThread(name: "op-post")
    private let lanes: Mutex<PostingLanes>
    private let pending = Atomic<Int>(0)
    private let idle = Mutex<Signal?>(nil)

    init(
        connections: ManagerConnections, limits: PostingLanes.Limits = PostingLanes.Limits(),
        time: ManagerTime = .system, logger: Logger
    ) {
        self.connections = connections
        self.time = time
        self.logger = logger
        lanes = Mutex(PostingLanes(limits: limits))
    }

    var needsDestinations: Bool { true }

    var pendingBytes: Int { pending.load(ordering: .relaxed) }

    func pendingBytes(for destination: TelemetryDestination?) -> Int {
        guard let destination else { return 0 }
        return lanes.withLock { $0.pendingBytes(for: destination) }
    }

    func send(_ record: TelemetryRecord, completion: @escaping @Sendable (TelemetryDelivery) -> Void) {
        guard let destination = record.destination else {
            return completion(.unwanted("it was stored for the broker, and telemetry.mode is rest now"))
        }
        let consequence = lanes.withLock { lanes in
            defer { pending.store(lanes.pendingBytes, ordering: .relaxed) }
            return lanes.add(record, for: destination, completion)
        }
        follow(consequence)
    }

    /// Waits until nothing is under way, at most for `limit`.
    func rest(within limit: Duration, timers: TimerThread) async {
        let signal = Signal()
        idle.withLock { $0 = signal }
        if lanes.withLock({ $0.isEmpty }) { signal.set() }
        let timer = timers.schedule(after: limit) { signal.set() }
        await signal.wait()
        timers.cancel(timer)
    }

    private func follow(_ consequence: PostingLanes.Consequence) {
        for batch in consequence.batches {
            Task(executorPreference: thread) { await self.post(batch) }
        }
        for (completion, delivery) in consequence.settled { completion(delivery) }
    }

    private func post(_ batch: PostingLanes.Batch) async {
        let outcome = await outcome(of: batch)
        let consequence = lanes.withLock { lanes in
            defer { pending.store(lanes.pendingBytes, ordering: .relaxed) }
            return lanes.finish(batch.destination, outcome, now: time.now())
        }
        say(outcome, batch.destination, consequence.newlyRefused)
        follow(consequence)
        if lanes.withLock({ $0.isEmpty }) { idle.withLock { $0 }?.set() }
    }

    private func outcome(of batch: PostingLanes.Batch) async -> PostOutcome {
        do {
            let client = try connections.client(for: ManagerFacts(batch.destination))
                .retrying(Self.retry).limited(to: Self.patience)
            try await client.post(
                events: batch.records.filter { $0.kind == .event }.map(\.body),
                logs: batch.records.filter { $0.kind == .log }.map(\.body),
                executionID: batch.destination.executionID, isRepeatable: true)
            return .stored
        } catch {
            return PostOutcome(error)
        }
    }

    private func say(_ outcome: PostOutcome, _ destination: TelemetryDestination, _ newlyRefused: Int?) {
        switch outcome {
        case .refused(let reason), .forbidden(let reason), .unacceptable(let reason):
            guard let newlyRefused else { return }
            logger.warning(
                "A manager takes no log records and events of an execution any more: they are lost, and counted in status",
                metadata: [
                    "execution": "\(destination.executionID ?? "none")", "records": "\(newlyRefused)",
                    "reason": "\(reason)",
                ])
        case .outage(let reason), .serverError(let reason):
            logger.debug(
                "Log records and events are not posted yet",
                metadata: ["execution": "\(destination.executionID ?? "none")", "reason": "\(reason)"])
        case .stored: break
        }
    }
}

extension ManagerFacts {
    /// What the records of a destination are posted with.
    init(_ destination: TelemetryDestination) {
        self.init(
            hosts: destination.hosts, port: destination.port, certificateAuthority: destination.certificateAuthority,
            executionToken: destination.executionToken, restToken: destination.restToken, tenant: destination.tenant,
            bypassesMaintenance: destination.bypassesMaintenance)
    }
}
