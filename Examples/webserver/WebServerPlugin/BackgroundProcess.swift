internal import Glibc
internal import Operative
internal import Subprocess

/// Processes that outlive the operation which starts them, and the agent too.
public enum BackgroundProcess {
    /// Starts a program in a session of its own, with nothing of the agent's open.
    ///
    /// The shell in between ends at once and leaves the program to the system's first process, so nobody has to wait for it.
    ///
    /// - Parameter log: the file that takes its output.
    /// - Returns: the process id, which is also the id of its session.
    public static func start(
        _ program: String, _ arguments: [String], workingDirectory: String, log: String
    ) async throws -> Int32 {
        // A shell lets what it puts in the background ignore SIGINT and SIGQUIT; env takes that back.
        let script =
            #"log=$1; shift; cd "$0" || exit 1; setsid env --default-signal "$@" </dev/null >"$log" 2>&1 & echo $!"#
        let result = try await run(
            .name("sh"), arguments: Arguments(["-c", script, workingDirectory, log, program] + arguments),
            output: .string(limit: 64), error: .string(limit: 4_096))
        let printed = result.standardOutput.split(whereSeparator: \.isWhitespace).first.flatMap { Int32($0) }
        guard result.terminationStatus.isSuccess, let pid = printed else {
            throw NonRecoverableError("\(program) could not be started: \(result.standardError)")
        }
        return pid
    }

    /// Ends a process and waits until it is gone: asks first, then insists after five seconds.
    ///
    /// A process id may have been given to another program since; nothing is done to one whose command line does not contain `text`.
    public static func stop(_ pid: Int32, whoseCommandLineContains text: String) async throws {
        for (signal, patience) in [(SIGTERM, 50), (SIGKILL, 50)] {
            guard try commandLine(of: pid)?.contains(text) == true else { return }
            kill(pid, signal)
            for _ in 0..<patience where try commandLine(of: pid)?.contains(text) == true {
                try await Task.sleep(for: .milliseconds(100))
            }
        }
        if try commandLine(of: pid)?.contains(text) == true {
            throw RecoverableError("Process \(pid) does not end.")
        }
    }

    /// Nil when there is no such process.
    ///
    /// - Throws: ``RecoverableError`` for a process that is there and hides its command line.
    private static func commandLine(of pid: Int32) throws -> String? {
        if let text = SmallFile.read("/proc/\(pid)/cmdline") { return text.replacing("\0", with: " ") }
        guard kill(pid, 0) == 0 || errno == EPERM else { return nil }
        throw RecoverableError("Process \(pid) is running, but this agent may not see what it is.")
    }
}
