internal import AgentProtocol

/// What a service task comes to.
struct ServiceAnswer {
    let reply: ServiceReply
    /// What is to be done once the task is acknowledged; nil for nothing.
    let afterwards: (@Sendable () async -> Void)?

    init(_ reply: ServiceReply, afterwards: (@Sendable () async -> Void)? = nil) {
        self.reply = reply
        self.afterwards = afterwards
    }
}
