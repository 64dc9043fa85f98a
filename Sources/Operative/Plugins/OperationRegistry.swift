/// All operations an agent can run, by name.
public struct OperationRegistry: Sendable {
    /// The plugins in the order they were given.
    public private(set) var plugins: [RegisteredPlugin]

    private var operations: [String: RegisteredOperation]
    private let fallback: (@Sendable (TaskDescription) -> Operation?)?

    /// Collects the operations of `plugins`.
    ///
    /// - Throws: ``OperationRegistryError`` when a name is empty, or belongs to two operations or two plugins.
    public init(_ plugins: [any Plugin]) throws(OperationRegistryError) {
        try self.init(plugins, fallback: nil)
    }

    /// Collects the operations of `plugins`.
    ///
    /// - Parameter fallback: asked for the operation of a task that none of them offers; nil as its answer means that there is none.
    /// - Throws: ``OperationRegistryError`` when a name is empty, or belongs to two operations or two plugins.
    package init(
        _ plugins: [any Plugin], fallback: (@Sendable (TaskDescription) -> Operation?)?
    ) throws(OperationRegistryError) {
        var registered: [RegisteredPlugin] = []
        var operations: [String: RegisteredOperation] = [:]
        for plugin in plugins {
            let type = type(of: plugin)
            guard !type.name.isEmpty else {
                throw OperationRegistryError(
                    code: .emptyPluginName, message: "the plugin type \(type) has an empty name; give it one")
            }
            guard !registered.contains(where: { $0.name == type.name }) else {
                let text = "two plugins are called '\(type.name)'; rename one or list it once"
                throw OperationRegistryError(code: .duplicatePlugin, message: text)
            }
            let offered = plugin.operations
            for operation in offered {
                try Self.add(operation, of: type, to: &operations)
            }
            registered.append(RegisteredPlugin(name: type.name, version: type.version, operations: offered))
        }
        self.plugins = registered
        self.operations = operations
        self.fallback = fallback
    }

    private init(_ registry: OperationRegistry, fallback: @escaping @Sendable (TaskDescription) -> Operation?) {
        plugins = registry.plugins
        operations = registry.operations
        self.fallback = fallback
    }

    /// The same operations, with another answer for tasks that none of them is for.
    package func withFallback(_ fallback: @escaping @Sendable (TaskDescription) -> Operation?) -> OperationRegistry {
        OperationRegistry(self, fallback: fallback)
    }

    /// These operations and those of another plugin, as long as there is neither a plugin nor an operation of the same name: whoever builds an
    /// agent may replace what every agent has.
    package func adding(_ plugin: any Plugin) -> OperationRegistry {
        let type = type(of: plugin)
        let offered = plugin.operations
        guard !plugins.contains(where: { $0.name == type.name }), offered.allSatisfy({ operations[$0.name] == nil })
        else {
            return self
        }
        var all = self
        all.plugins.append(RegisteredPlugin(name: type.name, version: type.version, operations: offered))
        for operation in offered {
            all.operations[operation.name] = RegisteredOperation(
                operation: operation, pluginName: type.name, pluginVersion: type.version)
        }
        return all
    }

    /// The names of all operations, sorted.
    public var names: [String] { operations.keys.sorted() }

    /// The operation of that name, or `nil`.
    package func operation(named name: String) -> RegisteredOperation? { operations[name] }

    /// The operation for a task, registered or of the fallback; `nil` when there is none.
    package func operation(for task: TaskDescription) -> Operation? {
        operations[task.taskName]?.operation ?? fallback?(task)
    }

    /// The names that somebody who wrote `name` may have meant: the most similar first, at most three.
    package func nearMatches(to name: String) -> [String] {
        let limit = max(2, name.count / 3)
        let candidates = names.map { (name: $0, distance: editDistance($0, name)) }
        return candidates.filter { $0.distance <= limit }.sorted { $0.distance < $1.distance }.prefix(3).map(\.name)
    }

    private static func add(
        _ operation: Operation, of plugin: any Plugin.Type, to operations: inout [String: RegisteredOperation]
    ) throws(OperationRegistryError) {
        guard !operation.name.isEmpty else {
            let text = "plugin '\(plugin.name)' has an operation with an empty name; give it one"
            throw OperationRegistryError(code: .emptyOperationName, message: text)
        }
        if let other = operations[operation.name] {
            let owners =
                other.pluginName == plugin.name
                ? "twice by plugin '\(plugin.name)'"
                : "by the plugins '\(other.pluginName)' and '\(plugin.name)'"
            let text = "operation '\(operation.name)' is offered \(owners); rename one"
            throw OperationRegistryError(code: .duplicateOperation, message: text)
        }
        operations[operation.name] = RegisteredOperation(
            operation: operation, pluginName: plugin.name, pluginVersion: plugin.version)
    }
}
