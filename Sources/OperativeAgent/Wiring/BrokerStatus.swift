internal import AMQPClient
internal import RabbitMQTransport

/// How the agent stands with its broker, in one line for `systemctl status`.
struct BrokerStatus {
    private enum Consuming: Hashable {
        case yes
        case declaring
        case inUse
        case away(String)
    }

    private enum Publishing: Hashable {
        case yes
        case blocked(String)
        case away(String)
    }

    private let operationQueue: String
    private var consuming = Consuming.yes
    private var publishing = Publishing.yes

    /// Begins with an agent that consumes and may publish.
    init(operationQueue: String) { self.operationQueue = operationQueue }

    /// True while tasks are taken and outcomes get out.
    var isReady: Bool { consuming == .yes && publishing == .yes }

    var line: String {
        let taking =
            switch consuming {
            case .yes: "consuming from \(operationQueue)"
            case .declaring: "not consuming yet: declaring \(operationQueue)"
            case .inUse: "not consuming: waiting for another consumer to let go of \(operationQueue)"
            case .away(let reason): "not consuming, broker out of reach: \(reason)"
            }
        return switch publishing {
        case .yes: taking
        case .blocked(let reason): "\(taking); outcomes wait, blocked by the broker: \(reason)"
        case .away(let reason) where consuming == .away(reason): taking
        case .away(let reason): "\(taking); outcomes wait, broker out of reach: \(reason)"
        }
    }

    /// Notes an event of the connection "consume" or "publish".
    ///
    /// - Returns: the new line; nil when it has not changed.
    mutating func note(_ event: AMQPConnectionEvent, of connection: String) -> String? {
        let before = line
        if connection == "publish" { notePublishing(event) } else { noteConsuming(event) }
        return line == before ? nil : line
    }

    private mutating func notePublishing(_ event: AMQPConnectionEvent) {
        switch event {
        case .connected, .unblocked: publishing = .yes
        case .blocked(let reason): publishing = .blocked(reason)
        case .lost(let error): publishing = .away(error.message)
        case .consuming, .consumerCancelled, .channelClosed: break
        }
    }

    private mutating func noteConsuming(_ event: AMQPConnectionEvent) {
        switch event {
        case .consuming(operationQueue): consuming = .yes
        case .channelClosed(let error) where error.meansExclusiveUse: consuming = .inUse
        case .connected where consuming != .yes, .consumerCancelled(_, operationQueue): consuming = .declaring
        case .lost(let error): consuming = .away(error.message)
        default: break
        }
    }
}
