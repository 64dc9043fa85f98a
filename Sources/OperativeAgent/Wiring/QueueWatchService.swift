internal import AgentConfiguration
internal import AgentRuntime
internal import Logging
internal import Observability
internal import RabbitMQTransport
internal import ServiceLifecycle

/// Ends the agent in order when somebody else keeps its queue: two agents that both believe to have it would be worse than none.
struct QueueWatchService: Service {
    let transport: RabbitMQTransport
    let runtime: AgentRuntime
    let broker: AgentConfiguration.Broker
    let reason: StopReason
    let notifier: SystemdNotifier
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await transport.watchQueue { change in
                switch change {
                case .refused(let limit):
                    logger.warning(
                        "Another consumer has the queue for itself: asking again until two heartbeats have passed",
                        metadata: ["limit": "\(limit)"])
                case .regained:
                    logger.notice("The queue is this agent's again")
                case .lost(let error):
                    guard reason.note(BrokerFailure.commandFailure(for: error, broker)) else { return }
                    logger.error("Another consumer keeps the queue: stopping", metadata: ["reason": "\(error)"])
                    notifier.stopping()
                    runtime.requestStop()
                }
            }
        }
    }
}
