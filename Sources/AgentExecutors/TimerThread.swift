/// Runs short actions at given moments of the monotonic clock, on a thread of its own.
///
/// An action must not block: it wakes or cancels something and returns.
public final class TimerThread: @unchecked Sendable {
    /// What `schedule` returns, to take the action back with.
    public struct Token: Sendable, Hashable {
        fileprivate let identifier: UInt64
    }

    private let monitor = ConditionLock()
    // Guarded by `monitor`.
    private var wheel = TimerWheel<@Sendable () -> Void>()
    private var isStarted = false
    private var sleepsUntil: MonotonicInstant?

    /// A timer whose thread is started by the first action.
    public init() {}

    /// Runs `action` once `delay` has passed, at most 20 ms late (1 s when it is more than 10 s away) plus what the system's scheduler adds. A negative delay is none.
    public func schedule(after delay: Duration, _ action: @escaping @Sendable () -> Void) -> Token {
        let now = MonotonicInstant.now
        let deadline = now.advanced(by: max(.zero, delay))
        monitor.lock()
        let identifier = wheel.add(action, at: deadline, now: now)
        let mustWake = sleepsUntil.map { deadline < $0 } ?? false
        let mustStart = !isStarted
        isStarted = true
        monitor.unlock()
        if mustStart, !NativeThread.start(name: "op-timer", { [self] in run() }) {
            monitor.lock()
            isStarted = false
            monitor.unlock()
        } else if mustWake {
            monitor.signal()
        }
        return Token(identifier: identifier)
    }

    /// Takes a scheduled action back; no effect when it has run or is running.
    public func cancel(_ token: Token) {
        monitor.lock()
        wheel.remove(token.identifier)
        monitor.unlock()
    }

    /// Returns once `delay` has passed, or at once when the task is cancelled.
    public func sleep(for delay: Duration) async {
        let sleeper = Sleeper()
        let token = schedule(after: delay) { sleeper.wake() }
        await withTaskCancellationHandler {
            await sleeper.wait()
        } onCancel: {
            sleeper.wake()
        }
        cancel(token)
    }

    private func run() -> Never {
        monitor.lock()
        while true {
            let due = wheel.removeDue(at: .now)
            if due.isEmpty {
                if let deadline = wheel.nextDeadline {
                    sleepsUntil = deadline
                    monitor.wait(until: deadline)
                } else {
                    sleepsUntil = MonotonicInstant(nanoseconds: .max)
                    monitor.wait()
                }
                sleepsUntil = nil
                continue
            }
            monitor.unlock()
            for action in due { action() }
            monitor.lock()
        }
    }
}
