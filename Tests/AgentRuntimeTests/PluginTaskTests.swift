import AgentRuntime
import Operative
import Synchronization
import Testing

@Suite("Service tasks for plugins", .timeLimit(.minutes(3)))
struct PluginTaskTests {
    /// Plugins that take as long as a gate says.
    private final class SlowPlugins: PluginMaintenance {
        let gate: Gate?
        let orders = Mutex<[PluginOrder]>([])
        let failure: (any Error)?

        init(gate: Gate? = nil, failure: (any Error)? = nil) {
            self.gate = gate
            self.failure = failure
        }

        func install(_ order: PluginOrder) async throws {
            orders.withLock { $0.append(order) }
            await gate?.pass()
            if let failure { throw failure }
        }

        func uninstall(_ order: PluginOrder) async throws { try await install(order) }
    }

    /// Never done unless it is cancelled.
    private struct EndlessPlugins: PluginMaintenance {
        let begun: Counter

        func install(_ order: PluginOrder) async throws {
            begun.add()
            try await Task.sleep(for: .seconds(3_600))
        }

        func uninstall(_ order: PluginOrder) async throws {}
    }

    private static let kwargs: PropertyValue = [
        "plugin": ["id": "p1", "package_name": "p", "package_version": "1"], "rest_token": "secret",
        "tenant": ["name": "t"], "rest_host": ["m1", "m2"],
    ]

    @Test("A ping is answered while a plugin is installed; the order says what the message said")
    func pingMeanwhile() async throws {
        let gate = Gate()
        let plugins = SlowPlugins(gate: gate)
        let harness = try RuntimeHarness([], plugins: plugins)
        try await harness.serve {
            let installing = harness.sendService("install-plugin", Self.kwargs)
            await gate.arrival(1)
            #expect(await harness.sendService("ping").settled() == .acknowledged)
            await harness.sink.settlements(1)
            #expect(harness.answers.first?["time"] != nil)
            gate.open()
            #expect(await installing.settled() == .acknowledged)
            await harness.sink.settlements(2)
            #expect(harness.answers.last == .null)
        }
        let order = plugins.orders.withLock { $0 }.first
        #expect(order?.plugin == Self.kwargs["plugin"] && order?.tenant == "t" && order?.managerHosts == ["m1", "m2"])
        #expect(order?.managerPort == 53333 && order?.token == "secret" && order?.targets == nil)
        #expect(order?.bypassesMaintenance == false)
    }

    @Test("A failure is told in Python's form, as are arguments that are missing or unknown")
    func failures() async throws {
        let harness = try RuntimeHarness(
            [], plugins: SlowPlugins(failure: NonRecoverableError("No source for it's own")))
        try await harness.serve {
            _ = await harness.sendService("uninstall-plugin", Self.kwargs).settled()
            await harness.sink.settlements(1)
            #expect(harness.answers.last?["error"] == "NonRecoverableError(\"No source for it's own\")")
            _ = await harness.sendService("install-plugin", ["plugin": [:], "tenant": [:]]).settled()
            await harness.sink.settlements(2)
            #expect(
                harness.answers.last?["error"] == "TypeError('install-plugin: rest_host, rest_token is missing')")
            var kwargs = Self.kwargs.objectValue ?? [:]
            kwargs["surprise"] = 1
            _ = await harness.sendService("install-plugin", .object(kwargs)).settled()
            await harness.sink.settlements(3)
            #expect(harness.answers.last?["error"] == "TypeError('install-plugin: unknown: surprise')")
        }
    }

    @Test("An agent that stops does not wait for an installation, and leaves its task to the next start")
    func stopMeanwhile() async throws {
        let begun = Counter()
        let harness = try RuntimeHarness([], plugins: EndlessPlugins(begun: begun))
        let receipts = Mutex<[RecordingReceipt]>([])
        try await harness.serve {
            let receipt = harness.sendService("install-plugin", Self.kwargs)
            receipts.withLock { $0.append(receipt) }
            await harness.untilTrue("the installation has begun") { begun.value == 1 }
        }
        #expect(receipts.withLock { $0.map { $0.fate } } == [.released])
        #expect(harness.answers == [])
    }
}
