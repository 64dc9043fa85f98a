internal import AgentSabotage
internal import Logging
internal import Observability

/// Tells systemd at half its interval that the agent is alive, but only when every loop has come round since the last time: a process whose threads are there and do nothing is none that systemd should leave alone.
struct WatchdogLoop {
    let notifier: SystemdNotifier
    let loops: [MonitoredLoop]
    /// Where the questions to the loops wait for their answers.
    let executor: any TaskExecutor
    let logger: Logger
    /// Waits for a time to pass.
    let sleep: @Sendable (Duration) async -> Void

    func run() async {
        guard let interval = notifier.watchdogInterval else { return }
        let progress = LoopProgress(Sabotage.isOn(.watchdogWithoutLoops) ? [] : loops)
        while !Task.isCancelled {
            let round = progress.nextRound()
            if round.stuck.isEmpty {
                notifier.watchdog()
            } else {
                logger.critical(
                    "Stuck: systemd is not told that the agent is alive", metadata: ["loops": "\(round.stuck)"])
            }
            for loop in round.asked {
                Task(executorPreference: executor) {
                    await loop.takeTurn()
                    progress.answered(loop)
                }
            }
            await sleep(interval / 2)
        }
    }
}
