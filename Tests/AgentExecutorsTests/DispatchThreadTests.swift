import AgentExecutors
import Synchronization
import Testing

@Suite("Dispatch thread", .timeLimit(.minutes(3)))
struct DispatchThreadTests {
    @Test("What a job leaves to be done at the next pause is done, though no other job follows")
    func pauseAfterLastJob() async {
        let dispatcher = DispatchThread(name: "dispatcher")
        let errand = Errand()
        dispatcher.onPause { errand.run() }
        for _ in 0..<1_000 {
            await withCheckedContinuation { continuation in
                _ = Task(executorPreference: dispatcher) { errand.leave(continuation) }
            }
        }
    }

    @Test("A thread that always has more to do pauses all the same")
    func pauseWithoutRest() async {
        let dispatcher = DispatchThread(name: "dispatcher")
        let work = EndlessWork()
        dispatcher.onPause { work.pause() }
        await withTaskGroup { group in
            // Each yield puts a task behind its twin: there is never nothing to do.
            for _ in 0..<2 {
                group.addTask(executorPreference: dispatcher) { await work.goOnUntilPaused() }
            }
        }
        #expect(work.hasPaused)
    }
}

/// A continuation that somebody else is to resume.
private final class Errand: Sendable {
    private let waiting = Mutex<CheckedContinuation<Void, Never>?>(nil)

    func leave(_ continuation: CheckedContinuation<Void, Never>) { waiting.withLock { $0 = continuation } }

    func run() {
        let continuation = waiting.withLock { waiting in
            defer { waiting = nil }
            return waiting
        }
        continuation?.resume()
    }
}

/// Work that goes on until the thread pauses while both workers are at it.
private final class EndlessWork: Sendable {
    private let workers = Atomic(0)
    private let isPaused = Atomic(false)

    var hasPaused: Bool { isPaused.load(ordering: .relaxed) }

    func pause() {
        if workers.load(ordering: .relaxed) == 2 { isPaused.store(true, ordering: .relaxed) }
    }

    func goOnUntilPaused() async {
        workers.add(1, ordering: .relaxed)
        while !hasPaused { await Task.yield() }
    }
}
