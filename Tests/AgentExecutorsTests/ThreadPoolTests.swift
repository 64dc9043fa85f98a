import AgentExecutors
import Glibc
import Synchronization
import Testing

@Suite("Thread pool", .timeLimit(.minutes(3)))
struct ThreadPoolTests {
    @Test("As many tasks as there may be threads can block at once, and a further one runs when they let go")
    func blocking() async {
        let pool = ThreadPool(name: "test", limit: 4)
        let inside = Tally()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask(executorPreference: pool) {
                    inside.note(1)
                    // Only ends when all four are here at the same time, on two cores too.
                    while inside.count < 4 { usleep(1_000) }
                }
            }
        }
        #expect(inside.count == 4)
    }

    @Test("Jobs handed out together by the dispatcher do not wait for each other: one that blocks is overtaken")
    func dispatchedBlocking() async {
        let dispatcher = DispatchThread(name: "dispatcher")
        let pool = ThreadPool(name: "test", limit: 2, dispatcher: dispatcher)
        let inside = Tally()
        await Task(executorPreference: dispatcher) {
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<2 {
                    group.addTask(executorPreference: pool) {
                        inside.note(1)
                        // Ends only when both are here at the same time.
                        while inside.count < 2 { usleep(1_000) }
                    }
                }
            }
        }.value
        #expect(inside.count == 2)
    }

    @Test("Every one of many short jobs runs, from many sides at once")
    func manyJobs() async {
        let pool = ThreadPool(name: "test", limit: 3)
        let count = Tally()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<2_000 {
                group.addTask(executorPreference: pool) {
                    count.note(1)
                    await Task.yield()
                    count.note(1)
                }
            }
        }
        #expect(count.count == 4_000)
    }

    @Test("Timers fire in the order of their deadlines, and a cancelled one does not")
    func timers() async {
        let timers = TimerThread()
        let order = Tally()
        let cancelled = timers.schedule(after: .milliseconds(60)) { order.note(9) }
        await withTaskGroup(of: Void.self) { group in
            for (number, delay) in [(2, 120), (1, 40), (3, 200)] {
                group.addTask {
                    await timers.sleep(for: .milliseconds(delay))
                    order.note(number)
                }
            }
            timers.cancel(cancelled)
        }
        #expect(order.numbers == [1, 2, 3])
    }
}

/// What happened, in its order, noted from any thread.
private final class Tally: Sendable {
    private let noted = Mutex<[Int]>([])
    var numbers: [Int] { noted.withLock { $0 } }
    var count: Int { noted.withLock { $0.count } }
    func note(_ number: Int) { noted.withLock { $0.append(number) } }
}
