package import AgentExecutors

/// Runs programs for operations, each in a process group of its own, kept together by a launcher (see docs/adr/0013-operation-processes.md).
package struct ProcessRunner: Sendable {
    private let ledger: any ProcessLedger
    private let launcher: String?
    private let cgroups: OperationCgroups?
    private let grace: Duration
    private let timers: TimerThread

    /// - Parameters:
    ///   - ledger: where each group is recorded before its program begins.
    ///   - launcher: The path of `operation-launcher`; nil to look for it where the agent's own program is.
    ///   - cgroups: where limits are kept for all processes of an operation together; nil to limit each of them.
    ///   - grace: How long a tree that is ended has between SIGTERM and SIGKILL.
    ///   - timers: nil for a thread that all runners share.
    package init(
        ledger: any ProcessLedger, launcher: String?, cgroups: OperationCgroups? = nil, grace: Duration = .seconds(5),
        timers: TimerThread? = nil
    ) {
        self.ledger = ledger
        self.launcher = launcher
        self.cgroups = cgroups
        self.grace = grace
        self.timers = timers ?? ProcessThreads.timers
    }

    /// Runs a program until it has ended, and hands out its lines as they come.
    ///
    /// When the task is cancelled, the whole tree is ended: SIGTERM to everybody, after the grace SIGKILL, whatever has forked, left
    /// its group or lost its parent meanwhile; then this returns how the program ended. What a program that ended by itself
    /// has left running is left alone.
    ///
    /// - Parameters:
    ///   - onStart: called once, with the program's pid, before any line.
    ///   - onLine: called with one line after the other, without their ends; in order of each channel. While it has not returned, no
    ///     more is read and a program that writes much has to wait. Bytes that are no UTF-8 are replaced; a line of more than
    ///     1 MiB comes in parts.
    /// - Returns: how the program ended, when its output up to then has been handed over. A pipe that something else keeps open
    ///   delays that by at most two seconds.
    /// - Throws: ``ProcessFailure`` when it could not be started, with the remedy; `CancellationError` when the task was cancelled before that.
    package func run(
        _ request: ProcessRequest, onStart: @Sendable (RunningProcess) async -> Void,
        onLine: @Sendable @escaping (OutputChannel, String) async -> Void
    ) async throws -> ProcessEnd {
        try await run(
            request, onStart: onStart, onLine: onLine,
            outlets: { () throws(ProcessFailure) in try .pipes(merged: request.mergesErrorOutput) })
    }

    /// The same, with everything that the program writes appended to a file as it is.
    ///
    /// - Parameter file: made with mode 0600 when absent; nil to throw the output away.
    package func run(
        _ request: ProcessRequest, outputTo file: String?, onStart: @Sendable (RunningProcess) async -> Void
    ) async throws -> ProcessEnd {
        try await run(
            request, onStart: onStart, onLine: { _, _ in },
            outlets: { () throws(ProcessFailure) in try .file(file) })
    }

    private func run(
        _ request: ProcessRequest, onStart: @Sendable (RunningProcess) async -> Void,
        onLine: @Sendable @escaping (OutputChannel, String) async -> Void,
        outlets: () throws(ProcessFailure) -> ProcessOutlets
    ) async throws -> ProcessEnd {
        try Task.checkCancellation()
        let path = try launcher ?? OperationLauncher.find()
        let cgroup = try cgroups?.make(for: request.limits)
        defer {
            if let cgroup {
                request.reachedLimits?.add(cgroups?.reached(in: cgroup, request.limits) ?? [])
                cgroups?.remove(cgroup)
            }
        }
        let instructions = try LauncherInstructions.encode(request, cgroup: cgroup, grace: grace)
        let run = ProcessRun(request, outlets: try outlets(), ledger: ledger, timers: timers, grace: grace)
        return try await run.run(launcher: path, instructions: instructions, onStart: onStart, onLine: onLine)
    }
}
