/// Runs an operation to its end.
///
/// Changed runtime properties are saved however the body ends, in a relationship the source's before the target's. A save that
/// fails replaces the result, because the workflow must not go on believing in properties that nobody has; only a cancelled
/// operation stays cancelled.
///
/// - Parameter executor: where the changes of a cancelled operation are saved: where it runs itself, for Swift's shared pool may be
///   held up by whatever plugins do there. Nil for that pool.
package func perform(
    _ operation: Operation, in context: OperationContext, inputs: OperationInputs,
    on executor: (any TaskExecutor)? = nil
) async -> OperationOutcome {
    let scope = context.scope
    var outcome: OperationOutcome
    do {
        outcome = .succeeded(try await operation.body(context, inputs))
        if let request = scope.requestedRetry {
            outcome = .retry(after: request.after, message: request.message)
        }
    } catch {
        outcome = OperationOutcome(throwing: error, isCancelled: Task.isCancelled)
    }
    let changed = scope.changedInstances
    if changed.isEmpty { return outcome }
    guard let failure = await save(changed, on: executor), outcome != .cancelled else { return outcome }
    return .failed(failure)
}

/// Saves every instance, also after one has failed, and returns the first failure.
private func save(_ instances: [InstanceState], on executor: (any TaskExecutor)?) async -> OperationFailure? {
    // A cancelled task cannot do requests, and what the operation has done so far is worth remembering.
    guard !Task.isCancelled else {
        return await Task(executorPreference: executor) { await saveAll(instances) }.value
    }
    return await saveAll(instances)
}

private func saveAll(_ instances: [InstanceState]) async -> OperationFailure? {
    var first: OperationFailure?
    for instance in instances {
        do {
            try await instance.save()
        } catch {
            first = first ?? OperationFailure(error)
        }
    }
    return first
}
