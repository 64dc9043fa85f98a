internal import AMQPClient
internal import AgentExecutors

/// How one connection to the broker is doing.
struct ConnectionStatus: Sendable, Hashable {
    enum State: String, Sendable, Hashable {
        /// It has never been there yet.
        case connecting
        case connected
        /// It was there; another attempt follows.
        case lost
    }

    let name: String
    var state = State.connecting
    /// When the state began.
    var since = MonotonicInstant.now
    /// The broker it is connected to, or was.
    var broker: String?
    /// Why it is not connected; nil while it is, and before the first attempt has failed.
    var reason: String?
    /// Why the broker takes no messages on it; nil while it does.
    var blocked: String?

    init(name: String) { self.name = name }

    mutating func apply(_ event: AMQPConnectionEvent) {
        switch event {
        case .connected(let endpoint):
            broker = "\(endpoint)"
            reason = nil
            blocked = nil
            enter(.connected)
        case .lost(let error):
            reason = error.message
            blocked = nil
            if state == .connected { enter(.lost) }
        case .blocked(let reason):
            blocked = reason
        case .unblocked:
            blocked = nil
        case .consuming, .consumerCancelled, .channelClosed:
            break
        }
    }

    /// What keeps the agent from its work; nil when nothing does.
    var problem: String? {
        switch state {
        case .connected: blocked.map { "the broker takes no messages: \($0)" }
        case .connecting, .lost: "no connection to the broker" + (reason.map { ": \($0)" } ?? "")
        }
    }

    private mutating func enter(_ state: State) {
        self.state = state
        since = .now
    }
}
