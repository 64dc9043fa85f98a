internal import AMQPClient
internal import AgentExecutors
internal import Logging

/// Declares again what somebody has deleted while the agent runs.
///
/// The broker tells a consumer that its queue is gone, and the connection then declares it again by itself. Of an exchange or a binding that is gone it tells nobody: an agent without them would wait for tasks for ever.
struct TopologyKeeper: Sendable {
    private static let interval = Duration.seconds(30)

    let owners: [(connection: AMQPConnection, topologies: [AMQPTopology])]
    let timers: TimerThread
    let logger: Logger

    /// Declares at every interval, and at once when the broker refuses something because it is missing.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask {
                while !Task.isCancelled {
                    await timers.sleep(for: Self.interval)
                    if !Task.isCancelled { await declareAll() }
                }
            }
            for owner in owners {
                group.addTask {
                    for await event in owner.connection.events {
                        if case .channelClosed(let error) = event, error.code == .notFound { await declareAll() }
                    }
                }
            }
        }
    }

    private func declareAll() async {
        for owner in owners {
            do {
                // Not by the connection's own declare, which would wait for a broker that is away: it declares everything when
                // it is back.
                try await owner.connection.withChannel { channel in
                    for topology in owner.topologies { try await channel.declare(topology) }
                }
            } catch {
                logger.debug("Not everything could be declared again", metadata: ["reason": "\(error)"])
            }
        }
    }
}
