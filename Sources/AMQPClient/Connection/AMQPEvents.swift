internal import Synchronization

/// What happens to a connection, for as many listeners as want to know.
///
/// Each iteration starts with the events from then on. A listener that falls 256 events behind loses the oldest.
public struct AMQPEvents: AsyncSequence, Sendable {
    /// An event.
    public typealias Element = AMQPConnectionEvent
    /// The sequence does not fail.
    public typealias Failure = Never
    /// Takes the events one by one.
    public typealias AsyncIterator = AsyncStream<AMQPConnectionEvent>.Iterator

    let hub: EventHub

    /// Starts to listen.
    public func makeAsyncIterator() -> AsyncIterator { hub.subscribe().makeAsyncIterator() }

    /// Listens from this moment on. The stream is an alternative to iterating when the listener is started later than the
    /// first event that it must not miss.
    public func subscribe() -> AsyncStream<AMQPConnectionEvent> { hub.subscribe() }
}

/// Hands every event to every listener.
final class EventHub: Sendable {
    private struct State {
        var listeners: [UInt64: AsyncStream<AMQPConnectionEvent>.Continuation] = [:]
        var nextID: UInt64 = 0
        var isFinished = false
    }

    private let state = Mutex(State())

    func subscribe() -> AsyncStream<AMQPConnectionEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: AMQPConnectionEvent.self, bufferingPolicy: .bufferingNewest(256))
        let id = state.withLock { state -> UInt64? in
            guard !state.isFinished else { return nil }
            state.nextID += 1
            state.listeners[state.nextID] = continuation
            return state.nextID
        }
        guard let id else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { _ = $0.listeners.removeValue(forKey: id) }
        }
        return stream
    }

    func send(_ event: AMQPConnectionEvent) {
        for listener in state.withLock({ Array($0.listeners.values) }) { listener.yield(event) }
    }

    func finish() {
        let listeners = state.withLock { state in
            state.isFinished = true
            defer { state.listeners.removeAll() }
            return Array(state.listeners.values)
        }
        for listener in listeners { listener.finish() }
    }
}
