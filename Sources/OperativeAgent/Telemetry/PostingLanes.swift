internal import AgentRuntime
internal import DequeModule

/// Decides which records are posted together and when: for each destination one request at a time, in order. Knows no clock and no network.
///
/// Records that come while a request is under way are posted together with the next one, so the slower the manager, the larger the
/// batches, and the first record of an operation waits for nothing.
struct PostingLanes {
    struct Limits: Sendable {
        /// Bytes of records in one request; a larger record travels alone.
        var batchBytes = 256 << 10
        /// Records in one request.
        var batchRecords = 500
        /// Requests under way to one manager.
        var requestsPerManager = 8
        /// For so long 403 may mean that permissions are still on their way.
        var forbiddenFor = Duration.seconds(60)
        /// A record that a manager has failed over for so long, by itself, is given up: the others behind it wait for it.
        var brokenFor = Duration.seconds(300)
        /// Destinations in trouble that are remembered.
        var rememberedTroubles = 1_024
    }

    /// What is to be posted now.
    struct Batch: Sendable {
        let destination: TelemetryDestination
        let records: [TelemetryRecord]
    }

    /// What follows.
    struct Consequence: Sendable {
        var batches: [Batch] = []
        var settled: [(completion: @Sendable (TelemetryDelivery) -> Void, delivery: TelemetryDelivery)] = []
        /// This is the first time that the manager refuses what is of this destination: so many records are lost with it.
        var newlyRefused: Int?
    }

    private struct Item: Sendable {
        let record: TelemetryRecord
        let completion: @Sendable (TelemetryDelivery) -> Void
        var cost: Int { record.body.count + 256 }
    }

    private struct Lane {
        var queue = Deque<Item>()
        var posting: [Item] = []
        var isInLine = false
        var bytes = 0
    }

    /// Where requests go together.
    fileprivate struct Manager: Hashable {
        let hosts: [String]
        let port: Int?
    }

    private struct Line {
        var underWay = 0
        var lanes = Deque<TelemetryDestination>()
    }

    /// What outlives a lane that has nothing more to post.
    private struct Trouble {
        var batchRecords: Int
        var forbiddenSince: Duration?
        /// Since when the manager has failed over the first record alone.
        var brokenSince: Duration?
        var isRefused = false
    }

    private let limits: Limits
    private var lanes: [TelemetryDestination: Lane] = [:]
    private var lines: [Manager: Line] = [:]
    private var troubles: [TelemetryDestination: Trouble] = [:]
    /// Bytes of all records that wait or are under way.
    private(set) var pendingBytes = 0

    init(limits: Limits = Limits()) { self.limits = limits }

    var isEmpty: Bool { lanes.isEmpty }

    func pendingBytes(for destination: TelemetryDestination) -> Int { lanes[destination]?.bytes ?? 0 }

    mutating func add(
        _ record: TelemetryRecord, for destination: TelemetryDestination,
        _ completion: @escaping @Sendable (TelemetryDelivery) -> Void
    ) -> Consequence {
        let item = Item(record: record, completion: completion)
        pendingBytes += item.cost
        lanes[destination, default: Lane()].bytes += item.cost
        lanes[destination]?.queue.append(item)
        var consequence = Consequence()
        putInLine(destination)
        advance(Manager(destination), &consequence)
        return consequence
    }

    /// Says what became of a batch. `now` is the time since some fixed moment.
    mutating func finish(_ destination: TelemetryDestination, _ outcome: PostOutcome, now: Duration) -> Consequence {
        var consequence = Consequence()
        guard var lane = lanes[destination], !lane.posting.isEmpty else { return consequence }
        let posted = lane.posting
        lane.posting = []
        lanes[destination] = lane
        lines[Manager(destination)]?.underWay -= 1
        switch outcome {
        case .stored:
            recover(destination)
            settle(posted, of: destination, .arrived, &consequence)
        case .outage:
            troubles[destination]?.brokenSince = nil
            postAgain(posted, of: destination, &consequence)
        case .serverError(let reason):
            // One that says how many are missing is never given up: a manager that fails over everything costs one record.
            let isAlone = posted.count == 1 && posted[0].record.missing == 0
            let since = isAlone ? troubles[destination]?.brokenSince ?? now : nil
            if let since, now - since >= limits.brokenFor {
                change(destination) { $0.brokenSince = nil }
                settle(posted, of: destination, .refused(reason), &consequence)
            } else {
                change(destination) {
                    $0.batchRecords = max(1, posted.count / 2)
                    $0.brokenSince = since
                }
                postAgain(posted, of: destination, &consequence)
            }
        case .forbidden(let reason):
            let since = troubles[destination]?.forbiddenSince ?? now
            change(destination) { $0.forbiddenSince = since }
            if now - since < limits.forbiddenFor {
                postAgain(posted, of: destination, &consequence)
            } else {
                refuse(posted, of: destination, reason, &consequence)
            }
        case .unacceptable(let reason):
            if troubles[destination]?.isRefused == true || (posted.count == 1 && posted[0].record.missing > 0) {
                // Not even what says that something is missing is accepted: it is not about single records.
                refuse(posted, of: destination, reason, &consequence)
            } else if posted.count == 1 {
                settle(posted, of: destination, .refused(reason), &consequence)
            } else {
                change(destination) { $0.batchRecords = posted.count / 2 }
                for item in posted.reversed() { lanes[destination]?.queue.prepend(item) }
            }
        case .refused(let reason):
            refuse(posted, of: destination, reason, &consequence)
        }
        if lanes[destination]?.queue.isEmpty == true { lanes[destination] = nil } else { putInLine(destination) }
        advance(Manager(destination), &consequence)
        return consequence
    }

    private mutating func putInLine(_ destination: TelemetryDestination) {
        guard let lane = lanes[destination], lane.posting.isEmpty, !lane.isInLine, !lane.queue.isEmpty else { return }
        lanes[destination]?.isInLine = true
        lines[Manager(destination), default: Line()].lanes.append(destination)
    }

    private mutating func advance(_ manager: Manager, _ consequence: inout Consequence) {
        while let line = lines[manager], line.underWay < limits.requestsPerManager,
            let destination = lines[manager]?.lanes.popFirst()
        {
            lanes[destination]?.isInLine = false
            guard let batch = takeBatch(destination) else { continue }
            lines[manager]?.underWay += 1
            consequence.batches.append(batch)
        }
        if let line = lines[manager], line.underWay == 0, line.lanes.isEmpty { lines[manager] = nil }
    }

    private mutating func takeBatch(_ destination: TelemetryDestination) -> Batch? {
        let most = troubles[destination]?.batchRecords ?? limits.batchRecords
        var taken: [Item] = []
        var bytes = 0
        while taken.count < most, let next = lanes[destination]?.queue.first,
            taken.isEmpty || bytes + next.record.body.count <= limits.batchBytes
        {
            lanes[destination]?.queue.removeFirst()
            bytes += next.record.body.count
            taken.append(next)
        }
        guard !taken.isEmpty else { return nil }
        lanes[destination]?.posting = taken
        return Batch(destination: destination, records: taken.map(\.record))
    }

    /// With everything behind them, so that nothing overtakes them: whoever sends again keeps the order.
    private mutating func postAgain(
        _ posted: [Item], of destination: TelemetryDestination, _ consequence: inout Consequence
    ) {
        settle(posted + takeQueue(destination), of: destination, .undelivered, &consequence)
    }

    private mutating func refuse(
        _ posted: [Item], of destination: TelemetryDestination, _ reason: String, _ consequence: inout Consequence
    ) {
        let lost = posted + takeQueue(destination)
        if troubles[destination]?.isRefused != true {
            consequence.newlyRefused = lost.reduce(0) { $0 + max(1, $1.record.missing) }
        }
        change(destination) { $0.isRefused = true }
        settle(lost, of: destination, .unwanted(reason), &consequence)
    }

    private mutating func takeQueue(_ destination: TelemetryDestination) -> [Item] {
        defer { lanes[destination]?.queue = [] }
        return Array(lanes[destination]?.queue ?? [])
    }

    private mutating func settle(
        _ items: [Item], of destination: TelemetryDestination, _ delivery: TelemetryDelivery,
        _ consequence: inout Consequence
    ) {
        let bytes = items.reduce(0) { $0 + $1.cost }
        pendingBytes -= bytes
        lanes[destination]?.bytes -= bytes
        for item in items { consequence.settled.append((item.completion, delivery)) }
    }

    private mutating func change(_ destination: TelemetryDestination, _ body: (inout Trouble) -> Void) {
        if troubles[destination] == nil, troubles.count >= limits.rememberedTroubles { troubles = [:] }
        body(&troubles[destination, default: Trouble(batchRecords: limits.batchRecords)])
    }

    private mutating func recover(_ destination: TelemetryDestination) {
        guard var trouble = troubles[destination] else { return }
        trouble.batchRecords *= 2
        trouble.forbiddenSince = nil
        trouble.brokenSince = nil
        trouble.isRefused = false
        troubles[destination] = trouble.batchRecords >= limits.batchRecords ? nil : trouble
    }
}

extension PostingLanes.Manager {
    fileprivate init(_ destination: TelemetryDestination) {
        self.init(hosts: destination.hosts, port: destination.port)
    }
}
