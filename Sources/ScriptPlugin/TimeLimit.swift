import AgentExecutors
import OperationProcesses
import Operative

/// The time that an attempt may take. It is the script runner's own matter because of the words in which a workflow is told.
enum TimeLimit {
    private enum Event<Value: Sendable>: Sendable {
        case ended(Result<Value, any Error>)
        case timeIsUp
        case cancelled
    }

    /// Runs `body`, and cancels it when the time of the task is up.
    ///
    /// - Throws: what `body` throws; ``OperationFailure`` when its time was up, after it has ended.
    static func run<Value: Sendable>(
        of context: OperationContext, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        guard let timeout = context.timeout else { return try await body() }
        let result = await withTaskGroup(of: Event<Value>.self) { group -> Result<Value, any Error> in
            group.addTask {
                do {
                    return .ended(.success(try await body()))
                } catch {
                    return .ended(.failure(error))
                }
            }
            group.addTask {
                // Not Task.sleep, which needs a thread of Swift's shared pool to wake.
                await ProcessThreads.timers.sleep(for: timeout)
                return Task.isCancelled ? .cancelled : .timeIsUp
            }
            var isOver = false
            for await event in group {
                switch event {
                case .cancelled: continue
                case .timeIsUp:
                    isOver = true
                    group.cancelAll()
                case .ended(let result):
                    group.cancelAll()
                    return isOver ? .failure(failure(context, timeout)) : result
                }
            }
            return .failure(CancellationError())
        }
        return try result.get()
    }

    private static func failure(_ context: OperationContext, _ timeout: Duration) -> OperationFailure {
        let given = (try? context.task.context)?["timeout"] ?? RetryAfterText.seconds(timeout)
        let isRecoverable = context.timeoutIsRecoverable
        return OperationFailure(
            kind: isRecoverable ? .recoverable(retryAfter: nil) : .nonRecoverable,
            typeName: isRecoverable ? "RecoverableError" : "NonRecoverableError",
            message: "Process killed due to timeout of \(EnvironmentText.of(given)) seconds")
    }
}
