internal import AMQPClient
internal import AgentExecutors
internal import RabbitMQTransport
internal import Synchronization

/// What is known of the agent as a whole: how far it has come, its connections, and what keeps it from working.
///
/// Only locks, so that it can be asked while everything else is blocked.
final class AgentHealth: Sendable {
    enum Phase: Sendable, Hashable {
        case starting
        case serving
        case stopping
    }

    private struct State {
        var phase = Phase.starting
        var connections: [ConnectionStatus] = []
        var isQueueInUse = false
    }

    let started = MonotonicInstant.now
    private let operationQueue: String
    private let state: Mutex<State>

    init(connections: [String], operationQueue: String) {
        self.operationQueue = operationQueue
        state = Mutex(State(connections: connections.map { ConnectionStatus(name: $0) }))
    }

    var phase: Phase { state.withLock { $0.phase } }
    var connections: [ConnectionStatus] { state.withLock { $0.connections } }

    /// What keeps the agent from working, each thing once.
    var problems: [String] {
        state.withLock { state in
            var problems: [String] = []
            for problem in state.connections.compactMap(\.problem) where !problems.contains(problem) {
                problems.append(problem)
            }
            if state.isQueueInUse { problems.append("another consumer has \(operationQueue): asking for it again") }
            return problems
        }
    }

    /// - Returns: false when the agent was told to stop before it had started.
    func beginServing() -> Bool {
        state.withLock { state in
            guard state.phase == .starting else { return false }
            state.phase = .serving
            return true
        }
    }

    /// - Returns: the phase that was left.
    @discardableResult
    func beginStopping() -> Phase {
        state.withLock { state in
            defer { state.phase = .stopping }
            return state.phase
        }
    }

    func apply(_ event: AMQPConnectionEvent, to connection: String) {
        state.withLock { state in
            guard let index = state.connections.firstIndex(where: { $0.name == connection }) else { return }
            state.connections[index].apply(event)
            switch event {
            case .channelClosed(let error) where error.meansExclusiveUse: state.isQueueInUse = true
            case .consuming(operationQueue), .lost: state.isQueueInUse = false
            default: break
            }
        }
    }
}
