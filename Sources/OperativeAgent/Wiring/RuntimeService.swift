internal import AgentRuntime
internal import Logging
internal import Observability
internal import ServiceLifecycle
internal import UnixSignals

/// The runtime as a service: a graceful shutdown drains it, a second signal cuts the drain short.
struct RuntimeService: Service {
    let runtime: AgentRuntime
    let notifier: SystemdNotifier
    let logger: Logger

    func run() async throws {
        await withTaskGroup { group in
            group.addTask { await watchForSecondSignal() }
            group.addTask { await WatchdogLoop(notifier: notifier).run() }
            await withGracefulShutdownHandler {
                await runtime.run()
            } onGracefulShutdown: {
                notifier.stopping()
                runtime.requestStop()
            }
            group.cancelAll()
        }
    }

    /// The first signal is the service group's; from the second on, whoever sends it is in a hurry.
    private func watchForSecondSignal() async {
        var count = 0
        for await signal in await UnixSignalsSequence(trapping: .sigterm, .sigint) {
            count += 1
            guard count > 1 else { continue }
            logger.warning("Second signal: running operations are cancelled now", metadata: ["signal": "\(signal)"])
            runtime.hurry()
        }
    }
}
