/// The clock that pauses and deadlines go by.
public struct ManagerTime: Sendable {
    /// Time since some fixed moment.
    public let now: @Sendable () -> Duration
    /// Waits; throws when the task is cancelled.
    public let sleep: @Sendable (Duration) async throws -> Void

    /// A clock of one's own, for tests.
    public init(now: @escaping @Sendable () -> Duration, sleep: @escaping @Sendable (Duration) async throws -> Void) {
        self.now = now
        self.sleep = sleep
    }

    /// The system's clock, which also runs while the machine sleeps.
    public static let system: ManagerTime = {
        let start = ContinuousClock.now
        return ManagerTime(now: { ContinuousClock.now - start }, sleep: { try await Task.sleep(for: $0) })
    }()
}
