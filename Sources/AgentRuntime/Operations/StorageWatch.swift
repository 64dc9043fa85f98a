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

    /// Why no tasks are taken in for want of a disk, in one line; nil while they are.
    var problem: String? {
        if let reason = ports.journal.problem { return "the journal cannot be written: \(reason)" }
        // What was left undone is taken up before the gate opens again.
        return isWatching.withLock { $0 } ? "the journal could not be written, it is being tried again" : nil
    }

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

    /// Looks whether the journal can be written, for whoever wants to know before a task needs it.
    func check() async {
        guard await !ports.journal.probe() else { return }
        // Not waited for: closing intake may wait for the broker.
        Task(executorPreference: loop) { await self.stopIntake() }
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
