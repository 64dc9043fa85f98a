internal import CAgentShims
internal import Glibc

/// One process that signals can be sent to without meeting another one that was given its number.
struct ProcessHandle: ~Copyable {
    private let process: ProcessSnapshot.Identity
    /// Negative where the system has none to give, for want of room or by a filter of system calls.
    private let descriptor: Int32

    /// Nil when the process is gone.
    ///
    /// - Parameter open: makes a descriptor that stays with a process.
    init?(_ process: ProcessSnapshot.Identity, open: (Int32) -> Int32 = agent_open_process) {
        self.process = process
        descriptor = open(process.pid)
        // Opened first, looked at then: what is still of the right age now was so when it was opened. The descriptor is closed by deinit,
        // which also runs here: closed twice, it would be one that somebody else has just been given.
        guard isRunning else { return nil }
    }

    func send(_ signal: Int32) {
        if descriptor >= 0, agent_signal_process(descriptor, signal) == 0 || errno == ESRCH { return }
        // Between the look and the signal its number would have to be given away: the system gives all others first.
        if isRunning { _ = kill(process.pid, signal) }
    }

    private var isRunning: Bool { ProcessSnapshot(pid: process.pid)?.identity == process }

    deinit { if descriptor >= 0 { close(descriptor) } }
}
