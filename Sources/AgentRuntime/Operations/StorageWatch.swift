internal import AgentExecutors
internal import Logging
internal import Synchronization

/// Takes no tasks in while the journal cannot be written, and looks when it can again.
final class StorageWatch: Sendable {
    /// How often a journal that failed is tried again.
    private static let interval = Duration.seconds(1)

    private let ports: RuntimePorts
    private let timers: TimerThread
    private let loop: DispatchThread
    private let gate: IntakeGate
    private let onRecovery: @Sendable () -> Void
    private let isWatching = Mutex(false)

    /// - Parameter onRecovery: called when the journal can be written again, for what had to be left in it.
    init(
        ports: RuntimePorts, timers: TimerThread, loop: DispatchThread, gate: IntakeGate,
        onRecovery: @escaping @Sendable () -> Void
    ) {
        self.ports = ports
        self.timers = timers
        self.loop = loop
        self.gate = gate
        self.onRecovery = onRecovery
    }

    /// The journal has refused a record. Returns when nothing new is taken in any more.
    func stopIntake() async {
        let isFirst = isWatching.withLock { isWatching in
            defer { isWatching = true }
            return !isWatching
        }
        guard isFirst else { return }
        ports.logger.error(
            "No new tasks: the journal cannot be written", metadata: ["reason": "\(ports.journal.problem ?? "unknown")"]
        )
        await gate.close(.noStorage)
        lookLater()
    }

    private func lookLater() {
        _ = timers.schedule(after: Self.interval) { [self] in
            Task(executorPreference: loop) { await self.look() }
        }
    }

    private func look() async {
        guard await ports.journal.probe() else { return lookLater() }
        isWatching.withLock { $0 = false }
        ports.logger.notice("The journal can be written again: tasks are taken in")
        onRecovery()
        gate.open(.noStorage)
    }
}
