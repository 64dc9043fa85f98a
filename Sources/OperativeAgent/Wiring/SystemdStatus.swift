internal import AMQPClient
internal import Observability
internal import Synchronization

/// The status line of `systemctl status`, put together from what keeps the agent from taking tasks and how it stands with its broker.
final class SystemdStatus: Sendable {
    private struct State {
        var broker: BrokerStatus
        var intakeProblem: String?
        var sent: String?

        var line: String {
            guard let intakeProblem else { return broker.line }
            // The agent itself has stopped consuming, so only what else is wrong is of interest.
            return "no new tasks: \(intakeProblem)" + (broker.isReady ? "" : "; \(broker.line)")
        }
    }

    private let state: Mutex<State>
    private let notifier: SystemdNotifier

    /// Begins with an agent that consumes and may publish.
    init(operationQueue: String, notifier: SystemdNotifier) {
        state = Mutex(State(broker: BrokerStatus(operationQueue: operationQueue)))
        self.notifier = notifier
    }

    /// The agent works now.
    func ready() {
        state.withLock { state in
            state.sent = state.line
            notifier.ready(status: state.line)
        }
    }

    /// Notes an event of the connection "consume" or "publish".
    func note(_ event: AMQPConnectionEvent, of connection: String) {
        change { _ = $0.broker.note(event, of: connection) }
    }

    /// Notes why no tasks are taken in; nil when they are.
    func note(intakeProblem: String?) { change { $0.intakeProblem = intakeProblem } }

    private func change(_ body: (inout State) -> Void) {
        state.withLock { state in
            body(&state)
            // Before the agent is ready somebody else says how far it is.
            guard let sent = state.sent, sent != state.line else { return }
            state.sent = state.line
            notifier.status(state.line)
        }
    }
}
