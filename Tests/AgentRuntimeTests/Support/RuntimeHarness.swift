import AgentExecutors
import AgentProtocol
import AgentRuntime
import Logging
import Operative
import Synchronization
import Testing

/// A runtime over ports in memory.
final class RuntimeHarness: Sendable {
    let operations = InMemoryTaskSource()
    let services = InMemoryTaskSource()
    let sink: RecordingSink
    let journal: any TaskJournal
    let cancellations: InMemoryCancellationRecord
    let archive = RecordingArchive()
    let instances = InMemoryInstances()
    let runtime: AgentRuntime

    init(
        _ operations: [Operation], sink: RecordingSink = RecordingSink(),
        telemetry: (any TelemetrySink)? = nil,
        journal: any TaskJournal = InMemoryJournal(isFresh: false),
        cancellations: InMemoryCancellationRecord = InMemoryCancellationRecord(),
        record: (any CancellationRecord)? = nil, log: RecordedLog? = nil, manager: (any Manager)? = nil,
        plugins: (any PluginMaintenance)? = nil,
        configure: (inout RuntimeConfiguration) -> Void = { _ in }
    ) throws {
        var configuration = RuntimeConfiguration(agentName: "test", concurrency: 4, retry: RetryPolicy(mode: .requeue))
        configuration.taskEvents = .manager
        configure(&configuration)
        self.sink = sink
        self.journal = journal
        self.cancellations = cancellations
        var ports = RuntimePorts(
            operations: self.operations, services: services, sink: sink, telemetry: telemetry ?? sink, journal: journal,
            cancellations: record ?? cancellations, manager: manager ?? instances, archive: archive,
            logger: log?.logger ?? Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        ports.plugins = plugins
        runtime = AgentRuntime(
            configuration: configuration, registry: try OperationRegistry([TestPlugin(operations: operations)]),
            ports: ports)
    }

    /// Runs the agent around `body`, then stops it and waits for its end.
    func serve(_ body: () async throws -> Void) async throws {
        let serving = Task { await runtime.run() }
        do {
            try await body()
        } catch {
            runtime.requestStop()
            await serving.value
            throw error
        }
        runtime.requestStop()
        await serving.value
    }

    @discardableResult
    func send(_ draft: TaskDraft, redelivered: Bool = false, parked: ParkedMark? = nil) -> RecordingReceipt {
        let receipt = RecordingReceipt()
        operations.offer([
            IncomingMessage(
                body: .complete(draft.body), replyTo: draft.replyTo, correlationID: draft.correlationID,
                redelivered: redelivered, parked: parked, answersCancellation: draft.answersCancellation,
                receipt: receipt)
        ])
        return receipt
    }

    @discardableResult
    func sendRaw(
        _ body: IncomingMessage.Body, replyTo: String? = "replies", expiration: Duration? = nil,
        toServices: Bool = false
    ) -> RecordingReceipt {
        let receipt = RecordingReceipt()
        let message = IncomingMessage(
            body: body, replyTo: replyTo, correlationID: "c", expiration: expiration, receipt: receipt)
        (toServices ? services : operations).offer([message])
        return receipt
    }

    @discardableResult
    func sendService(
        _ name: String, _ kwargs: PropertyValue = [:], expiration: Duration? = nil
    ) -> RecordingReceipt {
        let body: PropertyValue = ["service_task": ["task_name": .string(name), "kwargs": kwargs]]
        return sendRaw(.complete(body.json), expiration: expiration, toServices: true)
    }

    /// Waits until the runtime is as wanted; records an issue when it has not come to that after a minute.
    func untilTrue(
        _ what: String, sourceLocation: SourceLocation = #_sourceLocation, _ isSo: () -> Bool
    ) async {
        let deadline = ContinuousClock.now + .seconds(60)
        while !isSo() {
            guard ContinuousClock.now < deadline else {
                Issue.record("not after a minute: \(what)", sourceLocation: sourceLocation)
                return
            }
            try? await Task.sleep(for: .milliseconds(5))
        }
    }

    /// The answers so far, as JSON.
    var answers: [PropertyValue] { sink.replies.compactMap { try? PropertyValue(json: $0.body) } }
}

struct TestPlugin: Plugin {
    static let name = "test"
    static let version = "1"
    let operations: [Operation]
}
