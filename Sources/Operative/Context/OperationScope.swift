import Synchronization

/// The state behind one context: facts once they are known, the requested retry, and the instances that were touched.
final class OperationScope: Sendable {
    private struct State {
        var facts: OperationFacts?
        var retry: RetryRequest?
        var instances: [InstanceState] = []
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

    /// The state of a node instance, shared by everybody in this operation who refers to the instance.
    func instance(_ reference: NodeReference) -> InstanceState {
        state.withLock { state in
            if let known = state.instances.first(where: { $0.reference == reference }) { return known }
            let instance = InstanceState(reference: reference, backend: backend)
            state.instances.append(instance)
            return instance
        }
    }

    /// The instances with unsaved changes, a relationship's source before its target.
    var changedInstances: [InstanceState] {
        let (facts, instances) = state.withLock { ($0.facts, $0.instances) }
        let changed = instances.filter(\.isChanged)
        guard changed.count > 1, case .relationship(let source, _)? = facts?.subject else { return changed }
        return changed.filter { $0.reference == source } + changed.filter { $0.reference != source }
    }
}
