internal import CAgentShims
internal import Glibc

/// One process that signals can be sent to without ever meeting another one that was given its number.
struct ProcessHandle: ~Copyable {
    private let descriptor: Int32

    /// Nil when the process is gone.
    init?(_ group: ProcessGroup) {
        descriptor = agent_open_process(group.pid)
        guard descriptor >= 0 else { return nil }
        // Opened first, looked at then: what is still of the right age now was so when it was opened. The descriptor is closed by deinit,
        // which also runs here: closed twice, it would be one that somebody else has just been given.
        guard ProcessIdentity.isAlive(group) else { return nil }
    }

    func send(_ signal: Int32) { _ = agent_signal_process(descriptor, signal) }

    deinit { if descriptor >= 0 { close(descriptor) } }
}
