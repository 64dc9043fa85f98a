internal import AgentExecutors
internal import AgentSabotage
internal import Logging

/// Moves tasks from the broker's hands into the journal's when they take longer, so that no acknowledgement timeout ever meets one.
///
/// Most operations end before that: their message is acknowledged with the outcome, and their body is never written.
final class Custody: Sendable {
    private static let pauseAfterFailure = Duration.seconds(2)

    private let ports: RuntimePorts
    private let gate: IntakeGate
    private let waitingRoom: WaitingRoom
    private let storage: StorageWatch
    private let arrived: Watchlist
    private let started: Watchlist

    init(
        configuration: RuntimeConfiguration, ports: RuntimePorts, timers: TimerThread, loop: DispatchThread,
        gate: IntakeGate, storage: StorageWatch
    ) {
        self.ports = ports
        self.storage = storage
        self.gate = gate
        let room = WaitingRoom(size: configuration.waitingRoom)
        waitingRoom = room
        let takeOver: @Sendable ([ActiveTask]) -> Void = { tasks in
            for task in tasks {
                Task(executorPreference: loop) { await Self.takeOver(task, room, ports, gate, storage, timers) }
            }
        }
        arrived = Watchlist(patience: configuration.keepWaitingAfter, timers: timers, onDue: takeOver)
        started = Watchlist(patience: configuration.keepStartedAfter, timers: timers, onDue: takeOver)
    }

    /// How many waiting tasks the journal has, and how many it may have.
    var room: (taken: Int, size: Int) { (waitingRoom.count, waitingRoom.size) }

    /// A task has arrived; it may have to wait.
    func watchArrival(of task: ActiveTask) {
        if ports.journal.isDurable, task.isOwnedByBroker, !Sabotage.isOn(.noWaitingTakeover) { arrived.watch(task) }
    }

    /// A task was started; it may take long.
    func watchStart(of task: ActiveTask) {
        if ports.journal.isDurable, task.isOwnedByBroker { started.watch(task) }
    }

    /// Takes a task over from the broker.
    ///
    /// - Returns: whether the journal has it; otherwise the broker stays responsible.
    func keep(_ task: ActiveTask) async -> Bool { await Self.keep(task, ports, storage) }

    /// A task comes back from the journal, where it has its place already.
    func adopt(_ task: ActiveTask) {
        waitingRoom.adopt()
        task.enterRoom()
    }

    /// A task waits no longer. Opens intake again when it had been closed for want of room.
    func leaveRoom(_ task: ActiveTask) {
        if task.leaveRoom(), waitingRoom.leave() { gate.open(.noRoom) }
    }

    private static func keep(_ task: ActiveTask, _ ports: RuntimePorts, _ storage: StorageWatch) async -> Bool {
        if task.isKept { return true }
        guard ports.journal.isDurable else { return false }
        do {
            try await ports.journal.keep(task.key, task: task.journalled)
            Failpoint.reach(.kept)
            task.kept()
            return true
        } catch {
            ports.logger.debug("The journal cannot take a task over. \(error)", metadata: task.logMetadata)
            await storage.stopIntake()
            return false
        }
    }

    private static func takeOver(
        _ task: ActiveTask, _ room: WaitingRoom, _ ports: RuntimePorts, _ gate: IntakeGate,
        _ storage: StorageWatch, _ timers: TimerThread
    ) async {
        guard task.isOwnedByBroker else { return }
        // One that has its slot already waits for its manager, and leaves nobody waiting behind it.
        if task.phase == .waiting, task.ticket.isDecided != true {
            guard room.enter() else {
                if await gate.close(.noRoom) {
                    ports.logger.notice("No new tasks until there is room: as many wait as the journal may hold")
                }
                // There may have been room again before the gate was closed, and nobody would open it any more.
                if !room.isFull { gate.open(.noRoom) }
                // Back to the broker, where others of its queue wait, too.
                return task.ticket.withdraw()
            }
            task.enterRoom()
            // It may have got its slot meanwhile, without knowing that it has a place to leave.
            if task.phase != .waiting, task.leaveRoom(), room.leave() { gate.open(.noRoom) }
        }
        // The broker's patience is longer than that of this loop.
        while task.isOwnedByBroker, await !keep(task, ports, storage) { await timers.sleep(for: pauseAfterFailure) }
    }
}
