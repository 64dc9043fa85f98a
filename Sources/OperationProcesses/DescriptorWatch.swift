internal import AgentExecutors
internal import Glibc
internal import Synchronization

/// One thread that tells many runs which of their descriptors can be read.
///
/// Each notice is given once; whoever has read asks for the next. So nothing is read faster than it is wanted.
final class DescriptorWatch: @unchecked Sendable {
    static let shared = DescriptorWatch()

    private struct State {
        var epoll: Int32 = -1
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
        state.withLock { state in
            if state.epoll < 0 {
                let epoll = epoll_create1(Int32(EPOLL_CLOEXEC.rawValue))
                guard epoll >= 0 else { return nil }
                guard NativeThread.start(name: "op-process", { [self] in watch(epoll) }) else {
                    close(epoll)
                    return nil
                }
                state.epoll = epoll
            }
            let token = Token(descriptor: descriptor, number: state.next)
            state.next += 1
            var event = Self.event(token)
            guard unsafe epoll_ctl(state.epoll, EPOLL_CTL_ADD, descriptor, &event) == 0 else { return nil }
            state.handlers[token.number] = onReadable
            return token
        }
    }

    /// Asks for one more notice.
    func rearm(_ token: Token) {
        state.withLock { state in
            var event = Self.event(token)
            _ = unsafe epoll_ctl(state.epoll, EPOLL_CTL_MOD, token.descriptor, &event)
        }
    }

    /// Forgets a descriptor; to be called before it is closed. A notice may still be on its way.
    func remove(_ token: Token) {
        state.withLock { state in
            var event = epoll_event()
            _ = unsafe epoll_ctl(state.epoll, EPOLL_CTL_DEL, token.descriptor, &event)
            state.handlers[token.number] = nil
        }
    }

    private static func event(_ token: Token) -> epoll_event {
        epoll_event(
            events: EPOLLIN.rawValue | EPOLLRDHUP.rawValue | EPOLLONESHOT.rawValue,
            data: epoll_data_t(u64: token.number))
    }

    private func watch(_ epoll: Int32) -> Never {
        var events = [epoll_event](repeating: epoll_event(), count: 64)
        while true {
            let count = unsafe epoll_wait(epoll, &events, Int32(events.count), -1)
            guard count > 0 else { continue }
            let handlers = state.withLock { state in
                events.prefix(Int(count)).compactMap { unsafe state.handlers[$0.data.u64] }
            }
            for handler in handlers { handler() }
        }
    }
}
