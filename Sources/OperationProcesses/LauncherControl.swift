internal import AgentSabotage
internal import Glibc
internal import Synchronization

/// The agent's end of the socket to a launcher. Closing it tells the launcher that nobody cares any more.
final class LauncherControl: Sendable {
    private struct State {
        var descriptor: Int32
        var isCancelled = false
        var isLaunched = false
        /// Only when trees are not to be ended as such.
        var program: Int32?
    }

    private let state: Mutex<State>

    init(_ descriptor: Int32) { state = Mutex(State(descriptor: descriptor)) }

    /// Whether the tree was to be ended.
    var isCancelled: Bool { state.withLock { $0.isCancelled } }

    /// Tells the launcher what to run, but not to run it.
    func prepare(_ instructions: [UInt8]) -> Bool {
        state.withLock { send(instructions[...], over: $0.descriptor) }
    }

    /// Lets the program begin.
    ///
    /// - Returns: false when it was to be ended before; it does not begin then.
    func launch() -> Bool {
        state.withLock { state in
            guard !state.isCancelled else { return false }
            state.isLaunched = true
            return send([UInt8(ascii: "G")], over: state.descriptor)
        }
    }

    func note(program: Int32) {
        if Sabotage.isOn(.noTreeEnding) { state.withLock { $0.program = program } }
    }

    /// Has the tree ended. May be called at any time and from any thread.
    func cancel() {
        state.withLock { state in
            guard !state.isCancelled else { return }
            state.isCancelled = true
            if let program = state.program {
                kill(program, SIGKILL)
                return
            }
            if state.isLaunched { _ = send([UInt8(ascii: "T")], over: state.descriptor) }
        }
    }

    /// No effect the second time.
    func close() {
        state.withLock { state in
            guard state.descriptor >= 0 else { return }
            Glibc.close(state.descriptor)
            state.descriptor = -1
        }
    }

    /// A block that the socket has no room for waits until the launcher, which reads it first of all, has made some.
    private func send(_ bytes: ArraySlice<UInt8>, over descriptor: Int32) -> Bool {
        var rest = bytes
        while !rest.isEmpty, descriptor >= 0 {
            let count = unsafe rest.withUnsafeBytes { buffer in
                unsafe Glibc.send(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
            }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                var waited = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                guard unsafe poll(&waited, 1, 10_000) > 0 else { return false }
            } else if errno != EINTR {
                return false
            }
        }
        return rest.isEmpty
    }
}
