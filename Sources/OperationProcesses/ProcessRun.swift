internal import AgentExecutors
internal import AgentSabotage
internal import CAgentShims
internal import Glibc
internal import Subprocess
internal import SystemPackage

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
        let spawned = spawn(launcher)
        let result = await withTaskCancellationHandler {
            await follow(instructions, onStart, onLine)
        } onCancel: { [control, events, timers, limit = grace + TreeEnding.patience] in
            control.cancel()
            _ = timers.schedule(after: limit) { events.post(.overdue) }
        }
        for inlet in inlets.values { watch.remove(inlet.token) }
        control.close()
        for descriptor in outlets.inlets.values { close(descriptor) }
        // No zombie is left when this returns.
        await spawned.value
        if let group { await ledger.ended(group) }
        return try result.get()
    }

    /// Outside the caller's task, which may be cancelled: the launcher ends the tree, and is waited for.
    private func spawn(_ launcher: String) -> Task<Void, Never> {
        Task { [events, outlets] in
            var options = PlatformOptions()
            options.createSession = true
            do {
                _ = try await Subprocess.run(
                    Configuration(
                        executable: .path(FilePath(launcher)), arguments: [],
                        environment: .custom([Environment.Key: String]()), platformOptions: options),
                    input: .fileDescriptor(
                        FileDescriptor(rawValue: outlets.launcher), closeAfterSpawningProcess: true),
                    output: .fileDescriptor(FileDescriptor(rawValue: outlets.output), closeAfterSpawningProcess: true),
                    error: .fileDescriptor(FileDescriptor(rawValue: outlets.error), closeAfterSpawningProcess: true)
                ) { execution in
                    events.post(.spawned(pid: execution.processIdentifier.value))
                }
            } catch {
                events.post(.notSpawned("\(error)"))
            }
        }
    }

    private func follow(
        _ instructions: [UInt8], _ onStart: @Sendable (RunningProcess) async -> Void, _ onLine: OnLine
    ) async -> Result<ProcessEnd, any Error> {
        do {
            while true {
                switch await events.next() {
                case .spawned(let pid): try await begin(pid, instructions)
                case .notSpawned(let reason):
                    throw ProcessFailure("The process could not be started: \(reason)")
                case .readable(.launcher): try await hearLauncher(onStart)
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

    /// The launcher is there: its group goes into the journal, and then it may go on.
    private func begin(_ pid: Int32, _ instructions: [UInt8]) async throws {
        guard let startTime = ProcessIdentity.startTime(of: pid), control.prepare(instructions) else {
            throw ProcessFailure("The launcher of operations ended at once: is it of the agent's own release?")
        }
        let group = ProcessGroup(pid: pid, startTime: startTime, boot: ProcessIdentity.boot)
        do {
            if !Sabotage.isOn(.noGroupRecord) { try await ledger.began(group, owner: request.owner) }
        } catch {
            throw ProcessFailure("The journal does not take the process, so it was not started: \(error)")
        }
        self.group = group
        guard control.launch() else { throw CancellationError() }
        try open(.launcher, outlets.control)
    }

    private func open(_ source: ProcessSource, _ descriptor: Int32) throws {
        let token = watch.add(descriptor) { [events] in events.post(.readable(source)) }
        guard let token else { throw ProcessFailure("No thread or descriptor to follow a process is left.") }
        inlets[source] = ProcessInlet(descriptor: descriptor, token: token, lines: LineSplitter())
    }

    private func hearLauncher(_ onStart: @Sendable (RunningProcess) async -> Void) async throws {
        guard let inlet = inlets[.launcher] else { return }
        var lines: [String] = []
        switch ProcessInlet.read(inlet.descriptor) {
        case .nothingYet: break
        case .bytes(let bytes): lines = inlets[.launcher]?.lines.add(bytes) ?? []
        case .end:
            if end == nil { try await loseLauncher() }
            return
        }
        for line in lines {
            switch LauncherMessage(line) {
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
        if let group { _ = await TreeEnding(timers: timers, grace: grace).end(group) }
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
