internal import AgentExecutors
internal import Logging
internal import Synchronization

/// Takes no tasks in while the journal cannot be written, and looks when it can again.
final class StorageWatch: Sendable {
    private struct State {
        /// Why nothing is taken in; nil while it is.
        var reason: String?
        var pauses: RecoveryPauses
    }

    private let ports: RuntimePorts
    private let timers: TimerThread
    private let loop: DispatchThread
    private let gate: IntakeGate
    private let onRecovery: @Sendable () -> Void
    private let state: Mutex<State>

    /// How long a journal that has failed is left alone before it is tried again.
    var pause: Duration { state.withLock { $0.pauses.current } }

    /// Why no tasks are taken in for want of a disk, in one line; nil while they are.
    var problem: String? {
        if let problem = ports.journal.problem { return "the journal cannot be written: \(problem)" }
        return state.withLock { $0.reason }
    }

    /// - Parameter onRecovery: called when the journal can be written again, for what had to be left in it.
    init(
        ports: RuntimePorts, timers: TimerThread, loop: DispatchThread, gate: IntakeGate,
        pauses: RecoveryPauses = RecoveryPauses(), onRecovery: @escaping @Sendable () -> Void
    ) {
        self.ports = ports
        self.timers = timers
        self.loop = loop
        self.gate = gate
        self.onRecovery = onRecovery
        state = Mutex(State(pauses: pauses))
    }

    /// The journal has refused a record. Returns when nothing new is taken in any more.
    ///
    /// The first to say so is logged here; that it happens to one task after the other until there is room is no news.
    ///
    /// - Parameter why: in one line; nil for what the journal says itself.
    func stopIntake(_ why: String? = nil) async {
        let why = why ?? "the journal cannot be written: \(ports.journal.problem ?? "unknown reason")"
        let isFirst = state.withLock { state in
            guard state.reason == nil else { return false }
            state.reason = why
            state.pauses.failed(at: .now)
            return true
        }
        if isFirst { ports.logger.error("No new tasks: \(why)") }
        await gate.close(.noStorage)
        if isFirst { lookLater() }
    }

    /// The same for whoever cannot wait for it: closing intake may wait for the broker.
    func stopIntakeSoon(_ why: String? = nil) {
        Task(executorPreference: loop) { await self.stopIntake(why) }
    }

    /// Looks whether the journal can be written, for whoever wants to know before a task needs it.
    func check() async {
        guard await !ports.journal.probe() else { return }
        stopIntakeSoon()
    }

    private func lookLater() {
        _ = timers.schedule(after: pause) { [self] in
            Task(executorPreference: loop) { await self.look() }
        }
    }

    private func look() async {
        guard await ports.journal.probe(), (try? ports.cancellations.writeRemembered()) != nil else {
            return lookLater()
        }
        state.withLock { state in
            state.reason = nil
            state.pauses.recovered(at: .now)
        }
        ports.logger.notice("The journal can be written again: tasks are taken in")
        onRecovery()
        gate.open(.noStorage)
    }
}
