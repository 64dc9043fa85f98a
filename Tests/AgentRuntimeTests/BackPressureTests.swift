import AgentExecutors
import CtxService
import OperationProcesses
import Operative
import ScriptPlugin
import Synchronization
import Testing

@testable import AgentRuntime

@Suite("Back-pressure of log records", .timeLimit(.minutes(3)))
struct BackPressureTests {
    private static let line = 8_000

    /// An operation that runs a script, which writes so many lines.
    private static func flood(lines: Int) -> TaskDraft {
        TaskDraft("script_runner.tasks.run", id: "flood").with {
            $0.inputs = [
                "script_source": .string(
                    "#!/bin/sh\nyes $(head -c \(line) /dev/zero | tr '\\0' x) | head -n \(lines)"),
                "process": ["log_stdout": true, "ctx_proxy_type": "none"],
            ]
        }
    }

    /// Logs a line now and then until the gate is open.
    private static func talkative(_ gate: Gate) -> Operation {
        Operation("talk") { ctx in
            while !gate.isOpen {
                ctx.logger.info("talk")
                try await Task.sleep(for: .milliseconds(5))
            }
        }
    }

    private static func harness(
        _ operations: [Operation], _ sink: SlowTelemetrySink, configure: (inout RuntimeConfiguration) -> Void
    ) throws -> RuntimeHarness {
        let directory = "/tmp"
        let settings = ScriptSettings(
            environment: ["PATH": "/usr/local/bin:/usr/bin:/bin", "TMPDIR": directory], workingDirectory: directory,
            ctx: .failure(CtxServiceError("There is none.")))
        let scripts = ScriptPlugin(
            settings, processes: ProcessRunner(ledger: InMemoryProcessLedger(), launcher: nil))
        return try RuntimeHarness(scripts.operations + operations, telemetry: sink, configure: configure)
    }

    @Test("A script that floods its log waits for a slow broker: no record is left out, of it or of another operation")
    func flood() async throws {
        let buffer = 2 << 20
        let lines = 5_000
        let sink = SlowTelemetrySink(portion: 256 << 10)
        let gate = Gate()
        let harness = try Self.harness([Self.talkative(gate)], sink) { $0.telemetryBufferBytes = buffer }
        try await harness.serve {
            let talk = harness.send(TaskDraft("talk", id: "talk"))
            #expect(await harness.send(Self.flood(lines: lines)).settled() == .acknowledged)
            gate.open()
            #expect(await talk.settled() == .acknowledged)
        }
        #expect(harness.answers.allSatisfy { $0["ok"] == true }, "\(harness.answers)")
        #expect(sink.peak < buffer / 2, "\(sink.peak) bytes")
        #expect(sink.records.count == 2)
        for records in sink.records {
            #expect(records.count { $0.missing > 0 } == 0)
            #expect(records.map(\.number) == Array(1...records.count))
        }
        #expect(sink.records.map(\.count).max() ?? 0 > lines)
    }

    @Test("When nothing moves the script goes on after a while; what is left out is counted, and others have room")
    func standstill() async throws {
        let buffer = 1 << 20
        let lines = 1_000
        let patience = Duration.milliseconds(300)
        let sink = SlowTelemetrySink(portion: 0)
        let brief = Operation("brief") { ctx in for _ in 0..<10 { ctx.logger.info("brief") } }
        let harness = try Self.harness([brief], sink) {
            $0.telemetryBufferBytes = buffer
            $0.recordPatience = patience
            $0.flushTimeout = .milliseconds(20)
        }
        try await harness.serve {
            let start = ContinuousClock.now
            #expect(await harness.send(Self.flood(lines: lines)).settled() == .acknowledged)
            #expect(ContinuousClock.now - start >= patience)
            #expect(await harness.send(TaskDraft("brief", id: "brief")).settled() == .acknowledged)
        }
        #expect(harness.answers.allSatisfy { $0["ok"] == true }, "\(harness.answers)")
        let flood = try #require(sink.records.max { $0.count < $1.count })
        let other = try #require(sink.records.min { $0.count < $1.count })
        let missing = flood.reduce(0) { $0 + $1.missing }
        #expect(missing > lines / 2)
        #expect(flood.reduce(0) { $0 + max(1, $1.missing) } > lines)
        var next = 1
        for record in flood {
            #expect(record.number == next)
            next += max(1, record.missing)
        }
        // Ten lines, and that they come after the outcome.
        #expect(other.map(\.number) == Array(1...11))
        #expect(other.count { $0.missing > 0 } == 0)
        #expect(sink.peak < buffer * 3 / 4, "\(sink.peak) bytes")
    }

    @Test("An operation that is cancelled while it waits for room goes on at once")
    func cancelled() async throws {
        let sink = RecordingSink()
        let gate = Gate()
        gate.open()
        let wasCancelled = Mutex<Bool?>(nil)
        let harness = try RuntimeHarness(
            [
                Operation("t") { ctx in
                    sink.reportPending(bytes: 1 << 30)
                    await gate.pass()
                    await ctx.roomForRecords()
                    wasCancelled.withLock { $0 = Task.isCancelled }
                    sink.reportPending(bytes: 0)
                }
            ], sink: sink
        ) {
            $0.recordPatience = .seconds(3_600)
            $0.cancellationGrace = .seconds(3_600)
        }
        try await harness.serve {
            let receipt = harness.send(TaskDraft("t"))
            await gate.arrival(1)
            _ = await harness.sendService("cancel-operation", ["execution_id": "execution-1"]).settled()
            #expect(await receipt.settled() == .acknowledged)
        }
        #expect(wasCancelled.withLock { $0 } == true)
    }

    @Test("It waits while more than a quarter is taken and something moves, and has half when nothing did for long")
    func decisions() {
        var pressure = RecordBackPressure(memory: 400, patience: .seconds(10))
        func waits(_ pending: Int, at seconds: Int64) -> Bool {
            pressure.mustWait(pending: pending, now: MonotonicInstant(nanoseconds: seconds * 1_000_000_000))
        }
        #expect(!waits(100, at: 0))
        #expect(waits(101, at: 100))
        #expect(waits(150, at: 109))
        // Something moved, however little.
        #expect(waits(149, at: 109))
        #expect(waits(149, at: 118))
        #expect(pressure.allowance == 400)
        #expect(!waits(149, at: 119))
        #expect(pressure.allowance == 200)
        // It does not wait as long for each of the next ones.
        #expect(!waits(190, at: 120))
        #expect(!waits(200, at: 121))
        #expect(waits(180, at: 122))
        #expect(pressure.allowance == 400)
        #expect(!waits(180, at: 132))
        #expect(!waits(90, at: 133))
        #expect(pressure.allowance == 400)
        #expect(waits(300, at: 134))
        pressure.giveUp()
        #expect(pressure.allowance == 200)
    }
}
