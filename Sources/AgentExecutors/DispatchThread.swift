internal import DequeModule
internal import Glibc
internal import Synchronization

/// An executor with exactly one thread, for code that hands work out to others and must never block.
public final class DispatchThread: TaskExecutor, @unchecked Sendable {
    /// After so many jobs in a row the listeners of `onPause` get their turn even when there is more to do.
    private static let longestStretch = 32

    private let name: String
    private let jobs = Inbox<Deque<UnownedJob>>()
    private let thread = Atomic<UInt>(0)
    private let setup = ConditionLock()
    // Guarded by `setup`, and only read once the thread runs.
    private var listeners: [@Sendable () -> Void] = []

    /// - Parameter name: shown as the thread's name by the system's tools; at most 15 bytes are kept.
    public init(name: String) { self.name = name }

    /// Calls `listener` on this thread whenever it has nothing more to do for now. To be set up before the first job.
    public func onPause(_ listener: @escaping @Sendable () -> Void) {
        setup.lock()
        listeners.append(listener)
        setup.unlock()
    }

    /// The caller runs on this thread.
    public var isCurrent: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

    /// Takes a job; called by the Swift runtime.
    public func enqueue(_ job: consuming ExecutorJob) {
        jobs.add(UnownedJob(job), name: name) { [self] in work() }
    }

    private func work() -> Never {
        thread.store(UInt(pthread_self()), ordering: .relaxed)
        let executor = unsafe asUnownedTaskExecutor()
        var batch = Deque<UnownedJob>()
        var stretch = 0
        while true {
            jobs.take(into: &batch, pause: pause)
            while let job = batch.popFirst() {
                unsafe job.runSynchronously(on: executor)
                stretch += 1
                if stretch % Self.longestStretch == 0 { pause() }
            }
        }
    }

    private func pause() {
        for listener in listeners { listener() }
    }
}
