internal import DequeModule
internal import Glibc
internal import Synchronization

/// An executor with exactly one thread, for code that hands work out to others and must never block.
public final class DispatchThread: TaskExecutor, @unchecked Sendable {
    /// After so many jobs in a row the listeners of `onPause` get their turn even when there is more to do.
    private static let longestStretch = 32

    private let name: String
    private let monitor = ConditionLock()
    private let thread = Atomic<UInt>(0)
    // Guarded by `monitor`.
    private var jobs = Deque<UnownedJob>()
    private var isStarted = false
    private var isAsleep = false
    private var listeners: [@Sendable () -> Void] = []

    /// - Parameter name: shown as the thread's name by the system's tools; at most 15 bytes are kept.
    public init(name: String) { self.name = name }

    /// Calls `listener` on this thread whenever it has nothing more to do for now. To be set up before the first job.
    public func onPause(_ listener: @escaping @Sendable () -> Void) {
        monitor.lock()
        listeners.append(listener)
        monitor.unlock()
    }

    /// The caller runs on this thread.
    public var isCurrent: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

    /// Takes a job; called by the Swift runtime.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        monitor.lock()
        jobs.append(job)
        let mustStart = !isStarted
        let mustWake = isAsleep
        isStarted = true
        isAsleep = false
        monitor.unlock()
        if mustWake { return monitor.signal() }
        guard mustStart, !NativeThread.start(name: name, { [self] in work() }) else { return }
        monitor.lock()
        isStarted = false
        monitor.unlock()
    }

    private func work() -> Never {
        thread.store(UInt(pthread_self()), ordering: .relaxed)
        let executor = unsafe asUnownedTaskExecutor()
        var batch = Deque<UnownedJob>()
        var stretch = 0
        while true {
            takeJobs(into: &batch)
            while let job = batch.popFirst() {
                unsafe job.runSynchronously(on: executor)
                stretch += 1
                if stretch % Self.longestStretch == 0 { pause() }
            }
        }
    }

    /// Moves all waiting jobs into `batch`; sleeps while there are none.
    private func takeJobs(into batch: inout Deque<UnownedJob>) {
        monitor.lock()
        if jobs.isEmpty {
            monitor.unlock()
            pause()
            monitor.lock()
        }
        while jobs.isEmpty {
            isAsleep = true
            monitor.wait()
        }
        isAsleep = false
        swap(&jobs, &batch)
        monitor.unlock()
    }

    private func pause() {
        for listener in listeners { listener() }
    }
}
