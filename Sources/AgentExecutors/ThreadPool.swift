internal import DequeModule
internal import Glibc

/// An executor on threads of its own, apart from Swift's shared pool, which has only as many threads as there are cores:
/// whatever blocks here blocks nobody else.
///
/// Threads are started when work waits and none is idle, up to `limit`, and stay.
public final class ThreadPool: TaskExecutor, @unchecked Sendable {
    private let name: String
    private let limit: Int
    private let monitor = ConditionLock()
    // Guarded by `monitor`.
    private var jobs = Deque<UnownedJob>()
    private var threads = 0
    /// Threads that sleep and that no job has been promised to.
    private var idle = 0
    /// Promised wake-ups that no thread has taken yet.
    private var wakeUps = 0

    /// - Parameters:
    ///   - name: shown as the threads' name by the system's tools; at most 15 bytes are kept.
    ///   - limit: how many threads there may be at the most; at least one.
    public init(name: String, limit: Int) {
        self.name = name
        self.limit = max(1, limit)
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        monitor.lock()
        jobs.append(job)
        if idle > 0 {
            // Counted busy at once, so that a burst of jobs wakes as many threads as it needs and not one twice.
            idle -= 1
            wakeUps += 1
            monitor.unlock()
            monitor.signal()
        } else if threads < limit {
            threads += 1
            monitor.unlock()
            startThread()
        } else {
            monitor.unlock()
        }
    }

    private func startThread() {
        let started = NativeThread.start(name: name) { [self] in work() }
        guard !started else { return }
        monitor.lock()
        threads -= 1
        monitor.unlock()
    }

    private func work() -> Never {
        let executor = unsafe asUnownedTaskExecutor()
        monitor.lock()
        while true {
            while let job = jobs.popFirst() {
                monitor.unlock()
                unsafe job.runSynchronously(on: executor)
                monitor.lock()
            }
            idle += 1
            while wakeUps == 0 { monitor.wait() }
            wakeUps -= 1
        }
    }
}
