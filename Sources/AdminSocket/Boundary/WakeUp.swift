internal import CAgentShims
internal import Glibc

/// Wakes a thread that sleeps in `poll`.
final class WakeUp: Sendable {
    let descriptor: Int32

    /// Nil when the system has no descriptor to give.
    init?() {
        descriptor = agent_make_event_counter()
        guard descriptor >= 0 else { return nil }
    }

    deinit { close(descriptor) }

    func signal() {
        var one: UInt64 = 1
        _ = unsafe write(descriptor, &one, MemoryLayout<UInt64>.size)
    }

    /// Blocks until the signal, or until so much time has passed.
    func wait(milliseconds: Int32) {
        var set = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while unsafe poll(&set, 1, milliseconds) < 0, errno == EINTR {}
    }

    func clear() {
        var count: UInt64 = 0
        _ = unsafe read(descriptor, &count, MemoryLayout<UInt64>.size)
    }
}
