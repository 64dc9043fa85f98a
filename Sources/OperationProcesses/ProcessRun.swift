internal import AgentExecutors
internal import AgentSabotage
internal import CAgentShims
internal import Glibc

/// One program from its launcher to its last line. Used by one task.
final class ProcessRun {
    typealias OnLine = @Sendable (OutputChannel, String) async -> Void

    private let request: ProcessRequest
    private let ledger: any ProcessLedger
    private let timers: TimerThread
    private let grace: Duration
    private let outlets: ProcessOutlets
    private let control: LauncherControl
    private let events = ProcessEvents()
    private let watch = DescriptorWatch.shared

    private var group: ProcessGroup?
    private var inlets: [ProcessSource: ProcessInlet] = [:]
    private var end: ProcessEnd?
    private var drain: DrainPlan?

    init(
        _ request: ProcessRequest, outlets: ProcessOutlets, ledger: any ProcessLedger, timers: TimerThread,
        grace: Duration
    ) {
        self.request = request
        self.outlets = outlets
        self.ledger = ledger
        self.timers = timers
        self.grace = grace
        control = LauncherControl(outlets.control)
    }

    func run(
        launcher: String, instructions: [UInt8], onStart: @Sendable (RunningProcess) async -> Void, onLine: OnLine
    ) async throws -> ProcessEnd {
        let child = try spawn(launcher)
        let result = await withTaskCancellationHandler {
            await follow(child.pid, instructions, onStart, onLine)
        } onCancel: { [control, events, timers, limit = grace + TreeEnding.patience] in
            control.cancel()
            _ = timers.schedule(after: limit) { events.post(.overdue) }
        }
        for inlet in inlets.values { watch.remove(inlet.token) }
        control.close()
        for descriptor in outlets.inlets.values { close(descriptor) }
        // It has been told to run nothing, or hangs before it could be told.
        if group == nil { child.kill() }
        // No zombie is left when this returns.
        _ = await child.end()
        if let group { await ledger.ended(group) }
        return try result.get()
    }

    /// Outside of any task, which may be cancelled: the launcher ends the tree, and is waited for.
    private func spawn(_ launcher: String) throws(ProcessFailure) -> ChildProcess {
        defer { for descriptor in [outlets.launcher, outlets.output, outlets.error] { close(descriptor) } }
        do throws(ProcessFailure) {
            return try ChildProcess(
                [launcher], input: outlets.launcher, output: outlets.output, error: outlets.error)
        } catch {
            control.close()
            for descriptor in outlets.inlets.values { close(descriptor) }
            throw ProcessFailure("The process could not be started: \(error)")
        }
    }

    private func follow(
        _ pid: Int32, _ instructions: [UInt8], _ onStart: @Sendable (RunningProcess) async -> Void, _ onLine: OnLine
    ) async -> Result<ProcessEnd, any Error> {
        do {
            try begin(instructions)
            while true {
                switch await events.next() {
                case .readable(.launcher): try await hearLauncher(pid, onStart)
                case .readable(let source): await takeOutput(source, onLine)
                case .tick: if drain?.tick() == true { scheduleTick() }
                case .overdue: if end == nil { try await loseLauncher() }
                }
                if let end, drain?.isDone == true {
                    for source in [ProcessSource.output, .error] { await finishLine(source, onLine) }
                    return .success(end)
                }
            }
        } catch {
            return .failure(error)
        }
    }

    /// The launcher is there, and hears what it is to do.
    private func begin(_ instructions: [UInt8]) throws {
        guard control.prepare(instructions) else { throw Self.lostLauncher }
        try open(.launcher, outlets.control)
    }

    /// The program's process is there: the group goes into the journal, and then it may go on.
    private func launch(_ launcher: Int32, session: Int32) async throws {
        guard let group = try? ProcessGroup(leader: launcher, session: session) else { throw Self.lostLauncher }
        do {
            if !Sabotage.isOn(.noGroupRecord) { try await ledger.began(group, owner: request.owner) }
        } catch {
            throw ProcessFailure("The journal does not take the process, so it was not started: \(error)")
        }
        self.group = group
        guard control.launch() else { throw control.isCancelled ? CancellationError() : Self.lostLauncher }
    }

    private static let lostLauncher = ProcessFailure(
        "The launcher of operations ended at once: is it of the agent's own release?")

    private func open(_ source: ProcessSource, _ descriptor: Int32) throws {
        let token = watch.add(descriptor) { [events] in events.post(.readable(source)) }
        guard let token else { throw ProcessFailure("No thread or descriptor to follow a process is left.") }
        inlets[source] = ProcessInlet(descriptor: descriptor, token: token, lines: LineSplitter())
    }

    private func hearLauncher(_ pid: Int32, _ onStart: @Sendable (RunningProcess) async -> Void) async throws {
        guard let inlet = inlets[.launcher] else { return }
        var lines: [String] = []
        switch ProcessInlet.read(inlet.descriptor) {
        case .nothingYet: break
        case .bytes(let bytes): lines = inlets[.launcher]?.lines.add(bytes) ?? []
        case .end:
            guard group != nil else { throw Self.lostLauncher }
            if end == nil { try await loseLauncher() }
            return
        }
        for line in lines {
            switch LauncherMessage(line) {
            case .forked(let program): try await launch(pid, session: program)
            case .started(let pid):
                control.note(program: pid)
                await onStart(RunningProcess(pid: pid))
                for (source, descriptor) in outlets.inlets { try open(source, descriptor) }
            case .failed(let reason): throw ProcessFailure(reason)
            case .ended(let end): finish(end)
            case nil: break
            }
        }
        if end == nil { watch.rearm(inlet.token) }
    }

    /// The launcher was killed, or hangs. What it kept together is found by its marker.
    private func loseLauncher() async throws {
        let wasCancelled = control.isCancelled
        // Before it is closed: its number may be another run's at once, whose notices would be forgotten instead.
        if let inlet = inlets.removeValue(forKey: .launcher) { watch.remove(inlet.token) }
        control.close()
        if let group { _ = await TreeEnding(timers: timers, grace: grace).end(group, wasFollowed: true) }
        guard wasCancelled else {
            throw ProcessFailure(
                "The launcher of the operation's process was killed; what it had started was ended. Was the memory used up?"
            )
        }
        finish(.signalled(SIGKILL))
    }

    private func finish(_ end: ProcessEnd) {
        self.end = end
        drain = DrainPlan(
            waiting: inlets.filter { $0.key != .launcher }.mapValues { Int(agent_bytes_waiting($0.descriptor)) })
        if drain?.isDone == false { scheduleTick() }
    }

    private func scheduleTick() {
        _ = timers.schedule(after: DrainPlan.quiet) { [events] in events.post(.tick) }
    }

    private func takeOutput(_ source: ProcessSource, _ onLine: OnLine) async {
        guard let inlet = inlets[source] else { return }
        switch ProcessInlet.read(inlet.descriptor) {
        case .nothingYet: watch.rearm(inlet.token)
        case .end:
            watch.remove(inlet.token)
            await finishLine(source, onLine)
            drain?.ended(source)
        case .bytes(let bytes):
            let lines = inlets[source]?.lines.add(bytes) ?? []
            for line in lines { await onLine(source == .error ? .error : .output, line) }
            drain?.read(source, count: bytes.count)
            watch.rearm(inlet.token)
        }
    }

    private func finishLine(_ source: ProcessSource, _ onLine: OnLine) async {
        guard var inlet = inlets.removeValue(forKey: source) else { return }
        watch.remove(inlet.token)
        if let line = inlet.lines.finish() { await onLine(source == .error ? .error : .output, line) }
    }
}
