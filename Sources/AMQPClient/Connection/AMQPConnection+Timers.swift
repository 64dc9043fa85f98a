/// Waiting for time to pass, on the connection's own thread: the shared thread pool may be busy with somebody's blocking code.
extension AMQPConnection {
    /// Suspends for a time; ends early when the connection is closed.
    func pause(for duration: Duration) async {
        await withCheckedContinuation { continuation in
            guard lifecycle != .closed else { return continuation.resume() }
            _ = timers.add(at: .now + duration) { continuation.resume() }
        }
    }

    /// Waits for a signal. Fires it itself at the deadline.
    func wait(for signal: Signal, until deadline: MonotonicTime) async {
        let timer = timers.add(at: deadline) { signal.fire() }
        await signal.wait()
        timers.cancel(timer)
    }

    func fireTimers(at now: MonotonicTime) {
        for fire in timers.takeDue(at: now) { fire() }
    }
}
