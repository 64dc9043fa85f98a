internal import DequeModule
internal import Synchronization

/// Deliveries between the I/O thread and whoever takes them. Bounded by the prefetch limit of the consumer.
final class DeliveryBuffer: Sendable {
    private struct State {
        var deliveries: Deque<AMQPDelivery> = []
        var waiters: Deque<(id: UInt64, continuation: CheckedContinuation<Void, Never>)> = []
        var isFinished = false
        var nextID: UInt64 = 0
    }

    private let state = Mutex(State())

    // MARK: On the I/O thread

    /// Adds deliveries and wakes as many takers.
    func push(_ batch: [AMQPDelivery]) {
        let awakened = state.withLock { state in
            state.deliveries.append(contentsOf: batch)
            return Self.removeWaiters(&state, batch.count)
        }
        for waiter in awakened { waiter.resume() }
    }

    /// Ends the sequence behind what is buffered.
    func finish() {
        let awakened = state.withLock { state in
            state.isFinished = true
            return Self.removeWaiters(&state, state.waiters.count)
        }
        for waiter in awakened { waiter.resume() }
    }

    /// Takes back what nobody has taken.
    func removeAll() -> [AMQPDelivery] {
        state.withLock { state in
            defer { state.deliveries.removeAll() }
            return Array(state.deliveries)
        }
    }

    private static func removeWaiters(_ state: inout State, _ count: Int) -> [CheckedContinuation<Void, Never>] {
        let count = min(count, state.waiters.count)
        guard count > 0 else { return [] }
        defer { state.waiters.removeFirst(count) }
        return state.waiters.prefix(count).map(\.continuation)
    }

    // MARK: From any task

    /// The next delivery; nil at the end or when the task is cancelled.
    func next() async -> AMQPDelivery? {
        await take { $0.popFirst() }
    }

    /// Everything that is buffered, at least one; nil at the end or when the task is cancelled.
    func nextBatch() async -> [AMQPDelivery]? {
        await take { deliveries in
            guard !deliveries.isEmpty else { return nil }
            defer { deliveries.removeAll(keepingCapacity: true) }
            return Array(deliveries)
        }
    }

    private func take<Taken: Sendable>(_ body: @Sendable (inout Deque<AMQPDelivery>) -> sending Taken?) async -> Taken?
    {
        while true {
            let (taken, isOver, id) = state.withLock { state -> (Taken?, Bool, UInt64) in
                state.nextID += 1
                return (body(&state.deliveries), state.isFinished, state.nextID)
            }
            if taken != nil || isOver || Task.isCancelled { return taken }
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let mustWait = state.withLock { state in
                        if state.isFinished || !state.deliveries.isEmpty || Task.isCancelled { return false }
                        state.waiters.append((id, continuation))
                        return true
                    }
                    if !mustWait { continuation.resume() }
                }
            } onCancel: {
                let waiter = state.withLock { state in
                    state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0).continuation }
                }
                waiter?.resume()
            }
        }
    }
}
