package import AgentExecutors
import Foundation
import Synchronization

/// Holds all threads of Swift's shared pool, as plugins do that block, while something else is tried.
package enum HeldSharedPool {
    private final class Hold: Sendable {
        private let state = Mutex((holders: 0, isBroken: false))
        private let end = DispatchSemaphore(value: 0)

        var holders: Int { state.withLock { $0.holders } }
        var isBroken: Bool { state.withLock { $0.isBroken } }

        func wait() {
            state.withLock { $0.holders += 1 }
            if end.wait(timeout: .now() + longest) == .timedOut { state.withLock { $0.isBroken = true } }
        }

        func release(_ count: Int) { for _ in 0..<count { end.signal() } }
    }

    /// What cannot go on without the pool has it back after so many seconds.
    private static let longest: Double = 60
    /// Where a test goes on meanwhile.
    package static let elsewhere = ThreadPool(name: "test-elsewhere", limit: 8)

    /// Runs the body on threads of its own. It should be short, because other tests wait for theirs.
    ///
    /// - Returns: what the body returns, and whether the threads were held up to its end.
    package static func run<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> (value: Value, isHeld: Bool) {
        try await Task(executorPreference: elsewhere) {
            let hold = Hold()
            let width = ProcessInfo.processInfo.activeProcessorCount
            let count = 4 * width
            for _ in 0..<count { Task.detached { hold.wait() } }
            defer { hold.release(count) }
            let timers = TimerThread()
            while hold.holders < width { await timers.sleep(for: .milliseconds(5)) }
            return (try await body(), !hold.isBroken)
        }.value
    }
}
