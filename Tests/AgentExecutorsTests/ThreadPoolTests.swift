import AgentExecutors
import Glibc
import Synchronization
import Testing

@Suite("Thread pool", .timeLimit(.minutes(1)))
struct ThreadPoolTests {
    @Test("As many tasks as there may be threads can block at once, and a further one runs when they let go")
    func blocking() async {
        let pool = ThreadPool(name: "test", limit: 4)
        let inside = Atomic<Int>(0)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask(executorPreference: pool) {
                    inside.add(1, ordering: .sequentiallyConsistent)
                    // Only ends when all four are here at the same time, on two cores too.
                    while inside.load(ordering: .sequentiallyConsistent) < 4 { usleep(1_000) }
                }
            }
        }
        #expect(inside.load(ordering: .sequentiallyConsistent) == 4)
    }

    @Test("Every one of many short jobs runs, from many sides at once")
    func manyJobs() async {
        let pool = ThreadPool(name: "test", limit: 3)
        let count = Atomic<Int>(0)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<2_000 {
                group.addTask(executorPreference: pool) {
                    count.add(1, ordering: .relaxed)
                    await Task.yield()
                    count.add(1, ordering: .relaxed)
                }
            }
        }
        #expect(count.load(ordering: .relaxed) == 4_000)
    }

    @Test("Timers fire in the order of their deadlines, and a cancelled one does not")
    func timers() async {
        let timers = TimerThread()
        let order = Mutex<[Int]>([])
        let cancelled = timers.schedule(after: .milliseconds(60)) { order.withLock { $0.append(9) } }
        await withTaskGroup(of: Void.self) { group in
            for (number, delay) in [(2, 120), (1, 40), (3, 200)] {
                group.addTask {
                    await timers.sleep(for: .milliseconds(delay))
                    order.withLock { $0.append(number) }
                }
            }
            timers.cancel(cancelled)
        }
        #expect(order.withLock { $0 } == [1, 2, 3])
    }
}
