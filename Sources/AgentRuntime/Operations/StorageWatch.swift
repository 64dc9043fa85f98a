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
    /// Why nothing is taken in; nil while it is.
    private let reason = Mutex<String?>(nil)

    /// Why no tasks are taken in for want of a disk, in one line; nil while they are.
    var problem: String? {
        if let problem = ports.journal.problem { return "the journal cannot be written: \(problem)" }
        return reason.withLock { $0 }
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
    ///
    /// - Parameter why: in one line; nil for what the journal says itself.
    func stopIntake(_ why: String? = nil) async {
        let why = why ?? "the journal cannot be written: \(ports.journal.problem ?? "unknown reason")"
        let isFirst = reason.withLock { reason in
            guard reason == nil else { return false }
            reason = why
            return true
        }
        guard isFirst else { return }
        ports.logger.error("No new tasks: \(why)")
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
        guard await ports.journal.probe(), (try? ports.cancellations.writeRemembered()) != nil else {
            return lookLater()
        }
        reason.withLock { $0 = nil }
        ports.logger.notice("The journal can be written again: tasks are taken in")
        onRecovery()
        gate.open(.noStorage)
    }
}
