package import AgentExecutors

/// Where processes are started, ended and timed: apart from Swift's shared pool, which has as many threads as there are cores and which
/// a plugin that blocks can hold for as long as it likes.
package enum ProcessThreads {
    /// For tasks that no caller's cancellation may reach. They do not block.
    package static let executor = ThreadPool(name: "op-spawn", limit: 4)
    package static let timers = TimerThread()

    /// Returns once the time has passed; in a cancelled task not before.
    static func rest(_ duration: Duration) async {
        await withCheckedContinuation { continuation in
            _ = timers.schedule(after: duration) { continuation.resume() }
        }
    }
}
