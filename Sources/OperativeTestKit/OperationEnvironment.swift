import Logging
public import Operative
import Synchronization

/// Runs operations in a test: no broker, no manager, no waiting.
///
/// ```swift
/// let environment = OperationEnvironment(node: "web", properties: ["port": 8080])
/// let result = await environment.run("webserver.start", in: WebServerPlugin())
/// #expect(result.retry?.after == .seconds(5))
/// #expect(environment.runtimeProperties["pid"] != nil)
/// ```
///
/// The environment keeps what operations leave behind, so that several can be run one after the other as a workflow would:
/// the second sees the runtime properties that the first has saved. Run concurrently, operations conflict like real ones.
public final class OperationEnvironment: Sendable {
    private let subject: ContextSubject
    private let task: TestTask
    private let world: TestWorld

    /// An environment for operations on a node instance.
    ///
    /// - Parameters:
    ///   - node: the node's name.
    ///   - instance: the instance's id; `nil` makes one from the node's name.
    ///   - properties: the node's properties.
    ///   - runtimeProperties: the instance's runtime properties.
    ///   - retryNumber: how many attempts came before.
    public convenience init(
        node: String, instance: String? = nil, properties: [String: PropertyValue] = [:],
        runtimeProperties: [String: PropertyValue] = [:], retryNumber: Int = 0
    ) {
        self.init(
            TestInstance(node: node, id: instance, properties: properties, runtimeProperties: runtimeProperties),
            task: TestTask(retryNumber: retryNumber))
    }

    /// An environment for operations on a node instance.
    ///
    /// - Parameters:
    ///   - instance: the instance.
    ///   - others: what else there is, such as the targets of its relationships and its machine.
    ///   - task: the task.
    ///   - manager: what the manager knows besides.
    public init(
        _ instance: TestInstance, others: [TestInstance] = [], task: TestTask = TestTask(),
        manager: TestManager = TestManager()
    ) {
        subject = .nodeInstance(instance.reference)
        self.task = task
        world = TestWorld([instance] + others, task: task, manager: manager)
    }

    /// An environment for operations on a relationship.
    ///
    /// - Parameters:
    ///   - source: where it starts.
    ///   - target: where it points to.
    ///   - others: what else there is.
    ///   - task: the task.
    ///   - manager: what the manager knows besides.
    public init(
        source: TestInstance, target: TestInstance, others: [TestInstance] = [], task: TestTask = TestTask(),
        manager: TestManager = TestManager()
    ) {
        subject = .relationship(source: source.reference, target: target.reference)
        self.task = task
        world = TestWorld([source, target] + others, task: task, manager: manager)
    }

    /// An environment for operations on the deployment as a whole.
    public init(task: TestTask = TestTask(), manager: TestManager = TestManager()) {
        subject = .deployment
        self.task = task
        world = TestWorld([], task: task, manager: manager)
    }

    // MARK: Running

    /// Runs one attempt of an operation, including saving its runtime properties.
    ///
    /// - Parameters:
    ///   - name: the operation's name. One that the plugin does not offer gives a failure that says so.
    ///   - plugin: the plugin.
    ///   - inputs: the inputs.
    ///   - retryNumber: how many attempts came before; `nil` takes the environment's.
    ///   - resume: whether an earlier run of the attempt was interrupted; `nil` takes the environment's.
    public func run(
        _ name: String, in plugin: some Plugin, inputs: [String: PropertyValue] = [:], retryNumber: Int? = nil,
        resume: Bool? = nil
    ) async -> OperationResult {
        do {
            let registry = try OperationRegistry([plugin])
            guard let registered = registry.operation(named: name) else {
                return Self.failure(Self.unknown(name, registry))
            }
            let info = PluginInfo(
                name: registered.pluginName, packageVersion: registered.pluginVersion, properties: task.pluginProperties
            )
            return await run(
                registered.operation, plugin: info, inputs: inputs, retryNumber: retryNumber, resume: resume)
        } catch {
            return Self.failure(error.message)
        }
    }

    /// Runs one attempt of an operation that belongs to no plugin.
    public func run(
        _ operation: Operation, inputs: [String: PropertyValue] = [:], retryNumber: Int? = nil, resume: Bool? = nil
    ) async -> OperationResult {
        await run(operation, plugin: nil, inputs: inputs, retryNumber: retryNumber, resume: resume)
    }

    /// A context as operations receive it, for testing code that takes one. Nothing is saved at the end unless the code does so.
    public func context(taskName: String = "test.operation") -> OperationContext {
        context(taskName: taskName, task: task, plugin: nil)
    }

    // MARK: What operations leave behind

    /// The saved runtime properties of the node instance, or of a relationship's source.
    public var runtimeProperties: [String: PropertyValue] {
        switch subject {
        case .nodeInstance(let reference), .relationship(let reference, _): runtimeProperties(of: reference.instanceID)
        case .deployment: [:]
        }
    }

    /// The saved runtime properties of an instance; empty when there is no such instance.
    public func runtimeProperties(of instance: String) -> [String: PropertyValue] {
        world.runtimeProperties(of: instance)
    }

    /// Everything that was logged, in order.
    public var logs: [RecordedLog] { world.logs }

    /// The events that were sent, in order.
    public var events: [String] { world.events }

    /// The ids of the instances whose runtime properties were saved, in order, one for each time.
    public var saves: [String] { world.saves }

    /// How often saving runtime properties has met a change by somebody else.
    public var conflicts: Int { world.state.withLock { $0.conflicts } }

    /// The content of files that were uploaded to the deployment's working directory, by their path.
    public var deploymentFiles: [String: [UInt8]] { world.state.withLock { $0.deploymentFiles } }

    /// How far the operation is as it has told the manager itself; `started` at first.
    public var operationState: OperationState? { world.state.withLock { $0.operationState } }

    // MARK: Trouble

    /// Changes an instance's runtime properties at the very moment when an operation saves it, so that saving it conflicts.
    ///
    /// - Parameters:
    ///   - instance: the instance's id.
    ///   - times: how many saves are met so.
    ///   - change: what somebody else changes.
    public func interfere(
        with instance: String, times: Int = 1,
        _ change: @escaping @Sendable (inout [String: PropertyValue]) -> Void = { _ in }
    ) {
        world.state.withLock {
            $0.interferences[instance, default: []] += Array(repeating: change, count: times)
        }
    }

    /// Lets saving runtime properties fail from now on; `nil` lets it succeed again.
    public func failSaves(with error: (any Error)?) { world.failSaves(with: error) }

    /// Changes an instance's runtime properties as somebody else would, so that an operation that has read them before conflicts.
    public func setRuntimeProperties(_ properties: [String: PropertyValue], of instance: String) {
        world.setRuntimeProperties(properties, of: instance)
    }

    private func run(
        _ operation: Operation, plugin: PluginInfo?, inputs: [String: PropertyValue], retryNumber: Int?, resume: Bool?
    ) async -> OperationResult {
        var task = task
        task.retryNumber = retryNumber ?? task.retryNumber
        task.resume = resume ?? task.resume
        guard !task.resume || operation.isResumable else {
            return OperationResult(.failed(.notResumable(operation.name)))
        }
        let context = context(taskName: operation.name, task: task, plugin: plugin)
        return OperationResult(await perform(operation, in: context, inputs: OperationInputs { inputs }))
    }

    private func context(taskName: String, task: TestTask, plugin: PluginInfo?) -> OperationContext {
        let logger = Logger(label: "ctx.\(task.id ?? taskName)") { [world] _ in
            RecordingLogHandler { world.log($0) }
        }
        return OperationContext(
            taskName: taskName, operationName: task.operationName, retryNumber: task.retryNumber,
            maxRetries: task.maxRetries,
            facts: { [subject] in task.facts(subject: subject, plugin: plugin) }, backend: world, logger: logger)
    }

    private static func unknown(_ name: String, _ registry: OperationRegistry) -> String {
        let near = registry.nearMatches(to: name).map { "'\($0)'" }.joined(separator: ", ")
        return "the plugin has no operation '\(name)'" + (near.isEmpty ? "" : "; did you mean \(near)?")
    }

    private static func failure(_ message: String) -> OperationResult {
        OperationResult(.failed(OperationFailure(NonRecoverableError(message))))
    }
}
