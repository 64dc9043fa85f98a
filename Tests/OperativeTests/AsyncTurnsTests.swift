import Operative
import Synchronization
import Testing

@Suite("Turns under names", .timeLimit(.minutes(5)))
struct AsyncTurnsTests {
    /// Counts who is inside.
    private final class Room: Sendable {
        private let count = Mutex(0)

        /// - Returns: how many are inside now.
        func enter() -> Int {
            count.withLock { count in
                count += 1
                return count
            }
        }

        func leave() { count.withLock { $0 -= 1 } }
    }

    @Test("One at a time under a name, in the order of arrival; other names are not held up")
    func turns() async throws {
        let turns = AsyncTurns()
        let room = Room()
        try await turns.withTurn("other") {
            try await withThrowingTaskGroup { group in
                for _ in 0..<50 {
                    group.addTask {
                        try await turns.withTurn("name") {
                            #expect(room.enter() == 1)
                            await Task.yield()
                            room.leave()
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("A task that is cancelled before it waits does not wait")
    func cancelledBefore() async throws {
        let lock = AsyncLock()
        try await lock.withLock {
            let cancelled = Task {
                while !Task.isCancelled { await Task.yield() }
                try await lock.withLock {}
            }
            cancelled.cancel()
            await #expect(throws: CancellationError.self) { try await cancelled.value }
        }
    }

    @Test("Whoever is cancelled while waiting stops waiting, and nobody behind is forgotten")
    func cancelledTurn() async throws {
        let turns = AsyncTurns()
        let (hold, release) = AsyncStream<Void>.makeStream()
        let (held, tell) = AsyncStream<Void>.makeStream()
        let holder = Task {
            try await turns.withTurn("name") {
                tell.yield()
                for await _ in hold { break }
            }
        }
        for await _ in held { break }
        let cancelled = Task { try await turns.withTurn("name") {} }
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        let next = Task { try await turns.withTurn("name") { true } }
        release.yield()
        try await holder.value
        #expect(try await next.value)
    }
}
