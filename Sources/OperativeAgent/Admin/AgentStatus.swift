internal import AgentExecutors
internal import AgentRuntime
internal import Glibc
internal import Journal
internal import Operative

/// Everything that `status` and `operations` show, and its JSON. The fields are documented in docs/status.md.
struct AgentStatus: Sendable {
    enum State: String, Sendable {
        case starting
        case ready
        case notReady = "not_ready"
        case draining
    }

    /// An agent that cannot reach its broker may have more waiting than anybody wants to read.
    static let taskLimit = 1_000

    var agentName: String
    var queue: String
    var stateDirectory: String
    var programVersion: String?
    var started: MonotonicInstant
    var phase: AgentHealth.Phase
    var connections: [ConnectionStatus]
    var problems: [String]
    /// The prefix of the delay queues; nil when the broker keeps no retries for this agent.
    var delayLayout: String?
    /// How log records and events are sent.
    var telemetryMode: String
    /// Nil when they are sent nowhere, and before the start.
    var telemetry: TelemetryStatus?
    var runtime: RuntimeStatus

    var state: State {
        if phase == .stopping || runtime.isDraining { return .draining }
        if phase == .starting { return .starting }
        return problems.isEmpty ? .ready : .notReady
    }

    /// The answer to `status`.
    var summary: PropertyValue {
        var ended: [String: PropertyValue] = [:]
        for kind in OutcomeKind.allCases { ended[kind.rawValue] = .integer(runtime.ended[kind] ?? 0) }
        return [
            "agent": [
                "name": .string(agentName), "queue": .string(queue), "pid": .integer(Int(getpid())),
                "version": .string(OperativeVersion.current), "program_version": text(programVersion),
                "state_directory": .string(stateDirectory), "started_at": moment(started),
                "uptime_seconds": seconds(since: started),
            ],
            "state": .string(state.rawValue),
            "reason": text(problems.isEmpty ? nil : problems.joined(separator: "; ")),
            "slots": ["total": .integer(runtime.slots), "busy": .integer(runtime.busySlots)],
            "tasks": counts,
            "waiting_room": [
                "taken": .integer(runtime.roomTaken), "size": .integer(runtime.roomSize),
                "is_full": .bool(runtime.isRoomFull),
            ],
            "waits_for": text(runtime.waitsFor),
            "ended": .object(ended),
            "connections": .array(connections.map(json)),
            "retries": ["waits_in": text(retryPlace), "layout": text(delayLayout)],
            "telemetry": [
                "mode": .string(telemetryMode), "waiting": .integer(telemetry?.waiting ?? 0),
                "unwanted": .integer(telemetry?.unwanted ?? 0),
            ],
            "cancellations": .integer(runtime.cancellations),
        ]
    }

    /// The answer to `operations`.
    var operations: PropertyValue {
        [
            "state": .string(state.rawValue),
            "waits_for": text(runtime.waitsFor),
            "tasks": .array(runtime.tasks.prefix(Self.taskLimit).map(json)),
            "omitted": .integer(max(0, runtime.tasks.count - Self.taskLimit)),
            "counts": counts,
            "recent": .array(runtime.recent.map(json)),
        ]
    }

    /// How many tasks are in each phase.
    private var counts: PropertyValue {
        var counts: [String: PropertyValue] = [:]
        for phase in TaskStatus.Phase.allCases { counts[phase.rawValue] = .integer(runtime.count(phase)) }
        return .object(counts)
    }

    /// Nil until the broker has been asked.
    private var retryPlace: String? {
        if delayLayout != nil { return "broker" }
        return phase == .starting ? nil : "manager"
    }

    private func json(_ connection: ConnectionStatus) -> PropertyValue {
        [
            "name": .string(connection.name), "state": .string(connection.state.rawValue),
            "since": moment(connection.since), "seconds": seconds(since: connection.since),
            "broker": text(connection.broker), "reason": text(connection.reason),
            "blocked": text(connection.blocked),
        ]
    }

    private func json(_ task: TaskStatus) -> PropertyValue {
        [
            "task_id": .string(task.taskID), "retry_number": .integer(task.retryNumber),
            "operation": .string(task.operation), "execution_id": text(task.executionID),
            "phase": .string(task.phase.rawValue), "since": moment(task.since), "seconds": seconds(since: task.since),
            "cancelled": .bool(task.isCancelled),
        ]
    }

    private func json(_ outcome: RecentOutcome) -> PropertyValue {
        [
            "task_id": .string(outcome.taskID), "retry_number": .integer(outcome.retryNumber),
            "operation": .string(outcome.operation), "execution_id": text(outcome.executionID),
            "outcome": .string(outcome.kind.rawValue), "ended_at": moment(outcome.ended),
            "duration_seconds": outcome.duration.map { .double($0.roundedSeconds) } ?? .null,
        ]
    }

    private func text(_ text: String?) -> PropertyValue { text.map(PropertyValue.string) ?? .null }

    private func seconds(since moment: MonotonicInstant) -> PropertyValue {
        .double(max(.zero, runtime.taken.duration(since: moment)).roundedSeconds)
    }

    /// The time of day of a moment, by today's clock: one that was set since then shifts it.
    private func moment(_ moment: MonotonicInstant) -> PropertyValue {
        let age = MonotonicInstant.now.duration(since: moment).clampedNanoseconds / 1_000_000
        return .string(UTCText.text(UTCText.millisecondsSinceEpoch() - age))
    }
}

extension Duration {
    /// Seconds with three decimals, which is as exact as anybody reads.
    fileprivate var roundedSeconds: Double { (Double(clampedNanoseconds) / 1e6).rounded() / 1e3 }
}
