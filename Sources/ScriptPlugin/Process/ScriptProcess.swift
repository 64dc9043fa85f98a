import AgentExecutors
import CtxService
import Glibc
import Logging
import OperationProcesses
import Operative
import PythonFormat

/// One script that runs as a process: its environment, its log, and what its end means.
struct ScriptProcess {
    let context: OperationContext
    let settings: ScriptSettings
    let runner: ProcessRunner
    let options: ProcessOptions
    let variables: [String: String]
    /// The path of its file.
    let script: String
    let temporaryDirectory: String
    let limits = ReachedLimits()

    private var logsOutput: Bool { PythonText.isTrue(options.logsOutput) }
    private var logsErrors: Bool { PythonText.isTrue(options.logsErrors) }
    /// Standard error that is not logged goes nowhere, wherever it was to be merged into.
    private var mergesErrors: Bool { logsErrors && PythonText.isTrue(options.mergesErrors) }

    /// - Returns: what the script has returned; null when it has returned nothing.
    func run() async throws -> PropertyValue {
        if case .unknown(let kind) = options.proxy { throw NonRecoverableError("Unsupported proxy type: \(kind)") }
        try checkDirectory()
        let command = ScriptCommand.line(script: script, process: options)
        let answers = CtxAnswers()
        let output = ScriptOutput(
            context, logs: { channel in channel == .output ? logsOutput : logsErrors })
        context.logger.debug(
            "log_stdout=\(PythonText.representation(options.logsOutput)), log_stderr=\(PythonText.representation(options.logsErrors)), stderr_to_stdout=\(PythonText.representation(options.mergesErrors))"
        )
        let end: ProcessEnd
        if options.proxy == .none {
            end = try await follow(command, ctx: nil, output)
        } else {
            let session = CtxSession(context: context, answers: answers, settings: try settings.ctx.get())
            end = try await session.serving { try await follow(command, ctx: $0, output) }
        }
        logEnd()
        return try conclude(answers.conclusion, command, end, output)
    }

    /// Runs the process, and says in the log what becomes of it.
    private func follow(_ command: String, ctx: CtxEndpoints?, _ output: ScriptOutput) async throws -> ProcessEnd {
        let request = request(command, ctx: ctx)
        let pid = PIDBox()
        let logger = context.logger
        async let _: Void = tellThatItRuns(pid)
        let end = try await runner.run(request) { process in
            pid.value = process.pid
            logger.info("Process created, PID: \(process.pid)")
            if logsOutput { logger.debug("Started consumer thread for stdout") }
            if logsErrors, !mergesErrors { logger.debug("Started consumer thread for stderr") }
        } onLine: { channel, line in
            await output.take(line, from: channel)
        }
        for sentence in limits.sentences { logger.warning("\(sentence)") }
        logger.info("Execution done (PID=\(pid.value ?? 0), return_code=\(end.returnCode)): \(command)")
        return end
    }

    private func tellThatItRuns(_ pid: PIDBox) async {
        while true {
            await ProcessThreads.timers.sleep(for: settings.waitingNotice)
            if Task.isCancelled { return }
            if let pid = pid.value { context.logger.info("Waiting for process \(pid) to end...") }
        }
    }

    private func request(_ command: String, ctx: CtxEndpoints?) -> ProcessRequest {
        var execution = context.executionEnvironment
        execution["CLOUDIFY_DISPATCH"] = "true"
        if context.managerAddress.bypassesMaintenance { execution["BYPASS_MAINTENANCE"] = "True" }
        var request = ProcessRequest(
            command: ["/bin/sh", "-c", command],
            environment: ScriptEnvironment.complete(
                base: settings.environment, execution: execution, variables: variables,
                temporaryDirectory: temporaryDirectory, ctx: ctx.map { ($0.environment, $0.path) }),
            workingDirectory: options.workingDirectory ?? settings.workingDirectory,
            owner: context.owner, limits: settings.limits, user: settings.user, mergesErrorOutput: mergesErrors)
        request.reachedLimits = limits
        return request
    }

    private func logEnd() {
        context.logger.debug("Context proxy closed")
        for (name, isConsumed) in [("stdout", logsOutput), ("stderr", logsErrors && !mergesErrors)] {
            guard isConsumed else {
                context.logger.debug("Consumer thread for \(name) not created; not joining")
                continue
            }
            context.logger.debug("Joining consumer thread for \(name)")
            context.logger.debug("Consumer thread for \(name) ended")
        }
    }

    private func conclude(
        _ conclusion: CtxAnswers.Conclusion, _ command: String, _ end: ProcessEnd, _ output: ScriptOutput
    ) throws -> PropertyValue {
        switch conclusion {
        case .saidTwice: throw NonRecoverableError(CtxAnswers.secondConclusion)
        case .aborted(let message): throw NonRecoverableError(message)
        case .retry(let message, let delay): try context.operation.retry(after: delay, message: message)
        case .none, .returned:
            if end.returnCode != 0 {
                // Who ended it knows why.
                try Task.checkCancellation()
                throw ProcessException(
                    command: command, exitCode: end.returnCode, output: output.text(of: .output),
                    errors: mergesErrors ? nil : output.text(of: .error), limits: limits)
            }
            if case .returned(let value) = conclusion { return value }
            return .null
        }
    }

    private func checkDirectory() throws(ScriptFileError) {
        guard let directory = options.workingDirectory else { return }
        var information = stat()
        guard stat(directory, &information) == 0 else {
            throw ScriptFileError("cannot run the script in process.cwd \(directory)", errno)
        }
        guard information.st_mode & S_IFMT == S_IFDIR else {
            throw ScriptFileError("cannot run the script in process.cwd \(directory)", ENOTDIR)
        }
    }
}

extension ProcessEnd {
    /// The status, or the number of the signal, negative.
    fileprivate var returnCode: Int32 {
        switch self {
        case .exited(let status): status
        case .signalled(let signal): -signal
        }
    }
}
