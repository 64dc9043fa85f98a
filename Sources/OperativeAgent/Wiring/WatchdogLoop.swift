internal import Observability

/// Tells systemd at half its interval that the agent is alive.
struct WatchdogLoop {
    let notifier: SystemdNotifier

    func run() async {
        guard let interval = notifier.watchdogInterval else { return }
        while !Task.isCancelled {
            notifier.watchdog()
            try? await Task.sleep(for: interval / 2)
        }
    }
}
