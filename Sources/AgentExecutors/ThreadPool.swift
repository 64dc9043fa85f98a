internal import DequeModule
internal import Glibc

/// An executor on threads of its own, apart from Swift's shared pool, which has only as many threads as there are cores:
/// whatever blocks here blocks nobody else.
///
/// Short jobs stay on few threads: one that is awake takes the next job when it is done with its own, which spares waking another.
/// A job that has waited for `patience` nevertheless gets a further thread, up to `limit`, because those that are awake may be blocked.
public final class ThreadPool: TaskExecutor, @unchecked Sendable {
    private struct Job {
        let job: UnownedJob
        let since: MonotonicInstant
    }

    /// How long a job waits for a thread that is awake before another thread is woken or started for it.
    public static let patience = Duration.microseconds(200)

    private let name: String
    private let limit: Int
    private let dispatcher: DispatchThread?
    private let monitor = ConditionLock()
    // Guarded by `monitor`.
    private var jobs = Deque<Job>()
    private var threads = 0
    /// Threads that run a job or look for one.
    private var awake = 0
    /// Sleeping threads that have been told to work and have not woken yet.
    private var wakeUps = 0
    private var isWatched = false
    private var owesWakeUp = false

    /// Looks after jobs that wait while all threads that are awake are busy; sleeps otherwise.
    private let watcher = ConditionLock()
    private var watcherIsStarted = false
    private var watcherIsNeeded = false

    /// - Parameters:
    ///   - name: shown as the threads' name by the system's tools; at most 15 bytes are kept.
    ///   - limit: how many threads there may be at the most; at least one.
    ///   - dispatcher: the thread that hands out most jobs. What it enqueues wakes this pool only when it is done with its own work for now, so that many jobs cost one wake-up.
    public init(name: String, limit: Int, dispatcher: DispatchThread? = nil) {
        self.name = name
        self.limit = max(1, limit)
        self.dispatcher = dispatcher
        dispatcher?.onPause { [weak self] in self?.payWakeUp() }
    }

    /// Takes a job; called by the Swift runtime.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        monitor.lock()
        jobs.append(Job(job: job, since: limit > 1 ? .now : MonotonicInstant(nanoseconds: 0)))
        if awake == 0 {
            guard let dispatcher, dispatcher.isCurrent else {
                addThread()
                monitor.lock()
                return watchAndUnlock()
            }
            owesWakeUp = true
            return monitor.unlock()
        }
        watchAndUnlock()
    }

    /// Has jobs that wait beside busy threads looked after. Called with the lock held; gives it back.
    private func watchAndUnlock() {
        let needsWatcher = !isWatched && awake < limit && !jobs.isEmpty
        if needsWatcher { isWatched = true }
        monitor.unlock()
        if needsWatcher { callWatcher() }
    }

    /// The dispatcher pauses: what it has enqueued must not wait for it any longer.
    private func payWakeUp() {
        monitor.lock()
        let isOwed = owesWakeUp && awake == 0 && !jobs.isEmpty
        owesWakeUp = false
        guard isOwed else { return monitor.unlock() }
        addThread()
        // The one thread may block on the first of several jobs.
        monitor.lock()
        watchAndUnlock()
    }

    /// Wakes or starts one more thread. Called with the lock held; gives it back.
    private func addThread() {
        awake += 1
        if threads >= awake {
            wakeUps += 1
            monitor.unlock()
            return monitor.signal()
        }
        threads += 1
        monitor.unlock()
        if NativeThread.start(name: name, { [self] in work() }) { return }
        monitor.lock()
        threads -= 1
        awake -= 1
        monitor.unlock()
    }

    private func work() -> Never {
        let executor = unsafe asUnownedTaskExecutor()
        monitor.lock()
        while true {
            while let job = jobs.popFirst() {
                monitor.unlock()
                unsafe job.job.runSynchronously(on: executor)
                monitor.lock()
            }
            awake -= 1
            while wakeUps == 0 { monitor.wait() }
            wakeUps -= 1
        }
    }

    private func callWatcher() {
        watcher.lock()
        watcherIsNeeded = true
        let mustStart = !watcherIsStarted
        watcherIsStarted = true
        watcher.unlock()
        guard mustStart else { return watcher.signal() }
        if NativeThread.start(name: "\(name)-w", { [self] in watch() }) { return }
        watcher.lock()
        watcherIsStarted = false
        watcher.unlock()
        monitor.lock()
        isWatched = false
        monitor.unlock()
    }

    private func watch() -> Never {
        while true {
            watcher.lock()
            while !watcherIsNeeded { watcher.wait() }
            watcherIsNeeded = false
            watcher.unlock()
            while let pause = nextLook() { NativeThread.sleep(for: pause) }
        }
    }

    /// Adds a thread when the oldest job has waited too long.
    ///
    /// - Returns: when to look again; nil when no job waits.
    private func nextLook() -> Duration? {
        monitor.lock()
        guard let oldest = jobs.first, awake < limit else {
            isWatched = false
            monitor.unlock()
            return nil
        }
        let waited = MonotonicInstant.now.duration(since: oldest.since)
        guard waited >= Self.patience else {
            monitor.unlock()
            return Self.patience - waited
        }
        addThread()
        return Self.patience
    }
}
