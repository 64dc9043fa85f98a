internal import CRabbitMQ
internal import Glibc
internal import Synchronization

/// What an ``IOThread`` serves between two sleeps.
protocol IOThreadClient: AnyObject, Sendable {
    /// Does what can be done now and says what to wait for.
    func turn(_ readiness: IOThread.Readiness) -> IOThread.Wait
    /// Whether something arrived that the next turn should see at once.
    var hasMail: Bool { get }
}

/// One thread that sleeps in `poll` on a socket and an eventfd, and is the executor of an actor.
///
/// Whoever has something for the thread calls ``wakeUp()``. That costs a system call only when the thread is asleep or about to
/// be, so that a busy thread is fed for free.
final class IOThread: SerialExecutor {
    /// What `poll` said about the socket.
    struct Readiness: Sendable {
        var isReadable = false
        var isWritable = false
    }

    /// What to sleep for.
    struct Wait: Sendable {
        /// The socket, -1 for none.
        var descriptor: CInt = -1
        var forWriting = false
        /// nil sleeps until somebody calls.
        var deadline: MonotonicTime?
        /// How long to let things gather before looking at anything, see ``TurnPace``. Nobody needs to call the thread meanwhile.
        var rest: MonotonicTime.Interval?
    }

    private struct State {
        var jobs: [UnownedJob] = []
        var client: (any IOThreadClient)?
        var isStarted = false
        var isStopped = false
        var isReleased = false
        /// Whether the client or the end came since the thread last looked.
        var hasChanged = false
    }

    private let state = Mutex(State())
    private let isAsleep = Atomic(false)
    private let owner = Atomic<UInt>(0)
    private let wakeDescriptor: CInt
    private let name: String

    init(name: String) {
        self.name = name
        wakeDescriptor = crmq_eventfd()
    }

    deinit {
        if wakeDescriptor >= 0 { close(wakeDescriptor) }
    }

    /// Serves `client`, and keeps it alive, until ``release()``.
    func serve(_ client: any IOThreadClient) {
        let mustStart = state.withLock { state in
            if !state.isReleased { state.client = client }
            state.hasChanged = true
            defer { state.isStarted = true }
            return !state.isStarted
        }
        if mustStart { start() } else { wakeUp() }
    }

    /// Lets go of the client for good. The thread goes on running jobs.
    func release() {
        let client = state.withLock { state in
            state.isReleased = true
            defer { state.client = nil }
            return state.client
        }
        // Outside of the lock: the last reference may be this one.
        _ = client
    }

    /// Ends the thread after its current turn.
    func stop() {
        state.withLock { state in
            state.isStopped = true
            state.hasChanged = true
        }
        wakeUp()
    }

    /// Makes the thread take another turn soon.
    func wakeUp() {
        guard isAsleep.exchange(false, ordering: .sequentiallyConsistent) else { return }
        var one: UInt64 = 1
        _ = unsafe write(wakeDescriptor, &one, 8)
    }

    // MARK: Executor

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let mustStart = state.withLock { state in
            state.jobs.append(job)
            defer { state.isStarted = true }
            return !state.isStarted
        }
        if mustStart { start() } else { wakeUp() }
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor { unsafe UnownedSerialExecutor(ordinary: self) }

    func checkIsolated() {
        precondition(owner.load(ordering: .acquiring) == Thread.current, "called off the thread of the AMQP connection")
    }

    // MARK: The loop

    private func start() {
        if Thread.detach(name: name, { self.run() }) { return }
        // The system gives no more threads at present. Whoever has the next job tries again.
        state.withLock { $0.isStarted = false }
    }

    private func run() {
        owner.store(Thread.current, ordering: .releasing)
        var jobs: [UnownedJob] = []
        var readiness = Readiness()
        while true {
            let (client, isStopped) = state.withLock { state in
                swap(&jobs, &state.jobs)
                state.hasChanged = false
                return (state.client, state.isStopped)
            }
            for job in jobs { unsafe job.runSynchronously(on: asUnownedSerialExecutor()) }
            if isStopped, jobs.isEmpty { return }
            jobs.removeAll(keepingCapacity: true)
            let wait = client?.turn(readiness) ?? Wait()
            readiness = sleep(wait, client)
        }
    }

    private func sleep(_ wait: Wait, _ client: (any IOThreadClient)?) -> Readiness {
        if let rest = wait.rest { Thread.rest(for: rest) }
        isAsleep.store(true, ordering: .sequentiallyConsistent)
        let hasWork = state.withLock { !$0.jobs.isEmpty || $0.hasChanged }
        let mayBlock = !hasWork && client?.hasMail != true
        if !mayBlock { isAsleep.store(false, ordering: .sequentiallyConsistent) }
        let events = CShort(POLLIN) | (wait.forWriting ? CShort(POLLOUT) : 0)
        var descriptors = (
            pollfd(fd: wakeDescriptor, events: CShort(POLLIN), revents: 0),
            pollfd(fd: wait.descriptor, events: events, revents: 0)
        )
        let count = unsafe withUnsafeMutableBytes(of: &descriptors) { bytes in
            unsafe poll(
                bytes.bindMemory(to: pollfd.self).baseAddress, 2, mayBlock ? Self.milliseconds(until: wait.deadline) : 0
            )
        }
        isAsleep.store(false, ordering: .sequentiallyConsistent)
        guard count > 0 else { return Readiness() }
        if descriptors.0.revents != 0 {
            var value: UInt64 = 0
            _ = unsafe read(wakeDescriptor, &value, 8)
        }
        let happened = CInt(descriptors.1.revents)
        return Readiness(
            isReadable: happened & (POLLIN | POLLERR | POLLHUP | POLLNVAL) != 0, isWritable: happened & POLLOUT != 0)
    }

    private static func milliseconds(until deadline: MonotonicTime?) -> CInt {
        guard let deadline else { return -1 }
        let left = deadline.since(.now).nanoseconds
        return CInt(clamping: (left + 999_999) / 1_000_000)
    }
}
