import AgentRuntime
import Synchronization

/// A source without tasks that takes its time to pause, and notes what was asked of it.
final class SlowTaskSource: TaskSource {
    /// Where `pause()` waits.
    let pausing = Gate()
    private let noted = Mutex<[String]>([])

    var notes: [String] { noted.withLock { $0 } }
    func note(_ text: String) { noted.withLock { $0.append(text) } }

    func next() async -> [IncomingMessage]? { nil }

    func pause() async {
        await pausing.pass()
        note("paused")
    }

    func resume() { note("resumed") }
    func isDrained() async -> Bool { true }
    func stop() async {}
}
