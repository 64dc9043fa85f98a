import Glibc
import Logging
import OperationProcesses
import PythonPlugins
import Synchronization

/// A warm dispatcher with the plugin modules that it runs, and a count of what it left to the cold one.
struct WarmFixture: Sendable {
    let plugin: PluginFolder
    let ledger = InMemoryProcessLedger()
    let cold: CountedDispatcher
    let warm: WarmDispatcher
    let notices = Notices()

    private init(_ modules: [String: String], settings: WarmSettings) async throws {
        plugin = try await PluginFolder(modules)
        cold = CountedDispatcher(ledger: ledger)
        // As the agent does: a parent that is gone must not end this process.
        signal(SIGPIPE, SIG_IGN)
        let notices = self.notices
        warm = WarmDispatcher(
            cold: cold, ledger: ledger, settings: settings, grace: .milliseconds(300),
            logger: Logger(label: "warm") { _ in notices })
    }

    static func with(
        _ modules: [String: String], settings: WarmSettings = WarmSettings(),
        _ body: (WarmFixture) async throws -> Void
    ) async throws {
        let fixture = try await WarmFixture(modules, settings: settings)
        do {
            try await body(fixture)
        } catch {
            await fixture.warm.close()
            fixture.plugin.remove()
            throw error
        }
        await fixture.warm.close()
        fixture.plugin.remove()
    }

    /// Runs a function warm, or as the warm dispatcher decides.
    func run(_ function: String, variables: [String: String] = [:]) async throws -> PluginFolder.Outcome {
        try await plugin.run(function, by: warm, variables: variables)
    }

    /// Runs a function in a Python of its own.
    func runCold(_ function: String, variables: [String: String] = [:]) async throws -> PluginFolder.Outcome {
        let cold = ColdDispatcher(runner: ProcessRunner(ledger: ledger, launcher: nil))
        return try await plugin.run(function, by: cold, variables: variables)
    }
}

/// Collects what is logged.
final class Notices: LogHandler, Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func log(event: LogEvent) {
        let because = event.metadata?["because"].map { "\($0)" } ?? ""
        lines.withLock { $0.append("\(event.message): \(because)") }
    }

    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }
    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }
}
