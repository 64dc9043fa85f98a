internal import AgentProtocol
internal import Logging
internal import Operative

/// Makes the context that an operation is called with. Nothing in it is read from the task before the operation asks for it.
enum OperationContextFactory {
    static func make(
        for task: ActiveTask, operation: Operation, run: OperationRun, telemetry: OperationTelemetry,
        manager: any Manager, resume: Bool, preparation: OperationPreparation?
    ) -> OperationContext {
        OperationContext(
            taskName: task.envelope.taskName, operationName: task.envelope.operationName,
            retryNumber: task.envelope.retryNumber, maxRetries: task.envelope.maxRetries,
            facts: {
                var facts = telemetry.context.facts(resume: resume || task.envelope.resume)
                facts.taskID = task.key.taskID
                facts.timeout = task.envelope.timeout ?? operation.timeout
                return facts
            },
            backend: TaskBackend(
                run: run, telemetry: telemetry, port: manager,
                operationTask: OperationTask(task, resume: resume, preparation: preparation)),
            logger: Logger(label: "ctx") { _ in OperationLogHandler(telemetry: telemetry) })
    }
}
