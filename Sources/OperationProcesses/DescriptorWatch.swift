internal import AgentExecutors
internal import CAgentShims
internal import Glibc
internal import Synchronization

/// One thread that tells many runs which of their descriptors can be read.
///
/// Each notice is given once; whoever has read asks for the next. So nothing is read faster than it is wanted.
final class DescriptorWatch: Sendable {
    static let shared = DescriptorWatch()

    private struct State {
        var watch: Int32 = -1
        var next: UInt64 = 1
        var handlers: [UInt64: @Sendable () -> Void] = [:]
    }

    private let state = Mutex(State())

    /// What ``add(_:onReadable:)`` returns.
    struct Token: Sendable {
        let descriptor: Int32
        fileprivate let number: UInt64
    }

    /// Has `onReadable` called once, on the watching thread, when the descriptor can be read or has ended.
    ///
    /// - Returns: nil when the system has no room for it.
    func add(_ descriptor: Int32, onReadable: @escaping @Sendable () -> Void) -> Token? {
        state.withLock { state -> Token? in
            if state.watch < 0 {
                let watch = agent_make_watch()
                guard watch >= 0 else { return nil }
                guard NativeThread.start(name: "op-process", { [self] in serve(watch) }) else {
                    close(watch)
                    return nil
                }
                state.watch = watch
            }
            let token = Token(descriptor: descriptor, number: state.next)
            state.next += 1
            guard agent_watch(state.watch, descriptor, token.number) == 0 else { return nil }
            state.handlers[token.number] = onReadable
            return token
        }
    }

    /// Asks for one more notice. No effect when the descriptor was forgotten: its number may be another run's.
    func rearm(_ token: Token) {
        state.withLock { state in
            guard state.handlers[token.number] != nil else { return }
            _ = agent_watch_again(state.watch, token.descriptor, token.number)
        }
    }

    /// Forgets a descriptor; to be called before it is closed. A notice may still be on its way.
    func remove(_ token: Token) {
        state.withLock { state in
            guard state.handlers.removeValue(forKey: token.number) != nil else { return }
            _ = agent_unwatch(state.watch, token.descriptor)
        }
    }

    private func serve(_ watch: Int32) -> Never {
        var numbers = [UInt64](repeating: 0, count: 64)
        while true {
            let count = unsafe agent_wait_for_watched(watch, &numbers, Int32(numbers.count))
            guard count > 0 else { continue }
            let handlers = state.withLock { state in
                numbers.prefix(Int(count)).compactMap { state.handlers[$0] }
            }
            for handler in handlers { handler() }
        }
    }
}
