import Synchronization

/// Remembers what the manager has answered, for as long as the operation runs.
final class ManagerAnswers: Sendable {
    private let known = Mutex<[String: any Sendable]>([:])
    /// One request at a time: two for the same would waste one.
    private let requests = AsyncLock()

    /// The answer of that name, asked for once.
    func remember<Answer: Sendable>(_ name: String, _ ask: () async throws -> Answer) async throws -> Answer {
        if let answer = known.withLock({ $0[name] }) as? Answer { return answer }
        return try await requests.withLock {
            if let answer = known.withLock({ $0[name] }) as? Answer { return answer }
            let answer = try await ask()
            known.withLock { $0[name] = answer }
            return answer
        }
    }
}
