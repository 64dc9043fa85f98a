internal import AgentExecutors
internal import CAgentShims
internal import Glibc
internal import Synchronization

/// A program that this process has started, followed to its end without a thread of its own and without Swift's shared pool, which a
/// plugin that blocks can hold.
///
/// It leads a session, has no descriptor but its standard ones, and blocks and ignores no signal, whatever the thread that
/// starts it does (see docs/adr/0013-operation-processes.md).
package final class ChildProcess: Sendable {
    private struct State {
        var isRunning = true
        var descriptor: Int32 = -1
        var token: DescriptorWatch.Token?
        var pause = shortestPause
    }

    private static let shortestPause: Duration = .milliseconds(1)
    private static let longestPause: Duration = .milliseconds(100)

    package let pid: Int32
    private let state = Mutex(State())
    private let ended = Promise<ProcessEnd?>()

    /// Starts a program. Waits until it has taken this process's place in the child: some 100 µs.
    ///
    /// - Parameters:
    ///   - command: the program and its arguments. A program without a slash is looked up in `PATH` of `environment`.
    ///   - environment: all that it has.
    ///   - input: its standard input; stays open here, as do the others.
    /// - Throws: ``ProcessFailure`` with the system's reason.
    package convenience init(
        _ command: [String], environment: [String: String] = [:], input: Int32, output: Int32, error: Int32
    ) throws(ProcessFailure) {
        try self.init(
            command, environment: environment, input: input, output: output, error: error, open: agent_open_process)
    }

    /// - Parameter open: makes a descriptor that can be read when the process has ended; some systems refuse it.
    init(
        _ command: [String], environment: [String: String] = [:], input: Int32, output: Int32, error: Int32,
        open: (Int32) -> Int32
    ) throws(ProcessFailure) {
        guard let program = command.first else { throw ProcessFailure("There is no command to run.") }
        let path = Self.path(of: program, environment: environment)
        let arguments = CStrings(command)
        let variables = CStrings(environment.map { "\($0)=\($1)" })
        var pid: Int32 = 0
        let problem = unsafe agent_spawn(
            path, arguments.pointers, variables.pointers, "/", [input, output, error], &pid)
        guard problem == 0 else { throw unsafe ProcessFailure("\(program): \(String(cString: strerror(problem)))") }
        self.pid = pid
        follow(open(pid))
    }

    /// How it ended, once it has; nil when somebody else has taken its status. In a cancelled task not before, too.
    package func end() async -> ProcessEnd? { await ended.value() }

    /// Sends SIGKILL, to nobody else if it has ended.
    package func kill() {
        // While its end has not been taken, its number is nobody else's.
        state.withLock { state in
            if state.isRunning { _ = Glibc.kill(pid, SIGKILL) }
        }
    }

    private func follow(_ descriptor: Int32) {
        guard descriptor >= 0 else { return lookLater() }
        let token = DescriptorWatch.shared.add(descriptor) { self.look() }
        guard let token else {
            close(descriptor)
            return lookLater()
        }
        let isOver = state.withLock { state in
            state.descriptor = descriptor
            state.token = token
            return !state.isRunning
        }
        // It was told before it was known here.
        if isOver { release() }
    }

    /// Where no notice comes.
    private func lookLater() {
        let pause = state.withLock { state in
            defer { state.pause = min(state.pause * 2, Self.longestPause) }
            return state.pause
        }
        _ = ProcessThreads.timers.schedule(after: pause) { self.look() }
    }

    private func look() {
        var value: Int32 = 0
        let seen = state.withLock { state -> (fate: Int, token: DescriptorWatch.Token?)? in
            // Another look has taken its end, and tells it.
            guard state.isRunning else { return nil }
            let fate = Int(unsafe agent_reap(pid, &value))
            if fate != AGENT_RUNS { state.isRunning = false }
            return (fate, state.token)
        }
        guard let (fate, token) = seen else { return }
        guard fate == AGENT_RUNS else {
            release()
            switch fate {
            case AGENT_EXITED: return ended.keep(.exited(value))
            case AGENT_SIGNALLED: return ended.keep(.signalled(value))
            default: return ended.keep(nil)
            }
        }
        if let token { DescriptorWatch.shared.rearm(token) } else { lookLater() }
    }

    private func release() {
        let (descriptor, token) = state.withLock { state in
            defer { state.descriptor = -1 }
            return (state.descriptor, state.token.take())
        }
        if let token { DescriptorWatch.shared.remove(token) }
        if descriptor >= 0 { close(descriptor) }
    }

    private static func path(of program: String, environment: [String: String]) -> String {
        guard !program.contains("/") else { return program }
        let places = (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":").map(String.init)
        let paths: [String] = places.map { "\($0)/\(program)" }
        let found = paths.first { unsafe access($0, X_OK) == 0 }
        return found ?? program
    }
}
