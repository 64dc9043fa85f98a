import Synchronization

/// The state behind one context: facts once they are known, the requested retry, and the instances that were touched.
final class OperationScope: Sendable {
    private struct State {
        var facts: OperationFacts?
        var retry: RetryRequest?
        var instances: [InstanceState] = []
        var manager: (any ManagerAccess)?
        var answers: ManagerAnswers?
    }

    let taskName: String
    let operationName: String?
    let retryNumber: Int
    let maxRetries: Int
    let backend: any OperationBackend
    private let makeFacts: @Sendable () -> OperationFacts
    private let state = Mutex(State())

    init(
        taskName: String, operationName: String?, retryNumber: Int, maxRetries: Int,
        facts: @escaping @Sendable () -> OperationFacts, backend: any OperationBackend
    ) {
        self.taskName = taskName
        self.operationName = operationName
        self.retryNumber = retryNumber
        self.maxRetries = maxRetries
        self.backend = backend
        makeFacts = facts
    }

    /// The facts, built on first use.
    var facts: OperationFacts {
        state.withLock { state in
            if let facts = state.facts { return facts }
            let facts = makeFacts()
            state.facts = facts
            return facts
        }
    }

    /// The last retry that was asked for.
    var requestedRetry: RetryRequest? { state.withLock { $0.retry } }

    func record(_ request: RetryRequest) {
        state.withLock { $0.retry = request }
    }

    /// The manager, asked for when it is first needed.
    var manager: any ManagerAccess {
        state.withLock { state in
            if let manager = state.manager { return manager }
            let manager = backend.manager
            state.manager = manager
            return manager
        }
    }

    /// What the manager has answered before.
    var answers: ManagerAnswers {
        state.withLock { state in
            if let answers = state.answers { return answers }
            let answers = ManagerAnswers()
            state.answers = answers
            return answers
        }
    }

    /// The state of a node instance, shared by everybody in this operation who refers to the instance.
    func instance(_ id: String) -> InstanceState {
        let manager = manager
        return state.withLock { state in
            if let known = state.instances.first(where: { $0.id == id }) { return known }
            let instance = InstanceState(id: id, backend: backend, manager: manager)
            state.instances.append(instance)
            return instance
        }
    }

    /// The properties of a node that is asked about on behalf of no instance, unless it is known on behalf of this one.
    func node(_ id: String, of instance: InstanceState) async throws -> [String: PropertyValue] {
        if let known = instance.loadedNode { return known.properties ?? [:] }
        return try await answers.remember("node \(id)") { try await manager.node(id, instance: nil).properties ?? [:] }
    }

    /// The instances with unsaved changes, a relationship's source before its target.
    var changedInstances: [InstanceState] {
        let (facts, instances) = state.withLock { ($0.facts, $0.instances) }
        let changed = instances.filter(\.isChanged)
        guard changed.count > 1, case .relationship(let source, _)? = facts?.subject else { return changed }
        return changed.filter { $0.id == source.instanceID } + changed.filter { $0.id != source.instanceID }
    }
}
