internal import Logging
internal import Operative

/// The context under the names of the Python original.
struct CtxModel: Sendable {
    let context: OperationContext
    let answers: CtxAnswers
    let files: ScriptFiles

    /// `ctx` itself.
    var root: CtxObject {
        var attributes: [String: CtxObject.Attribute] = [:]
        addTask(&attributes)
        addManager(&attributes)
        addSubject(&attributes)
        addParts(&attributes)
        addRecords(&attributes)
        addResources(&attributes)
        addConclusions(&attributes)
        return CtxObject(type: "CloudifyContext", attributes: attributes)
    }

    // MARK: What the task says

    private func addTask(_ all: inout [String: CtxObject.Attribute]) {
        all.value("type", .string(context.kind.rawValue))
        all.value("task_type", PropertyValue(text: context.taskType))
        all.value("task_id", PropertyValue(text: context.taskID))
        all.value("task_name", .string(context.taskName))
        all.value("task_target", PropertyValue(text: context.taskTarget))
        all.value("task_queue", PropertyValue(text: context.taskQueue))
        all.value("execution_id", PropertyValue(text: context.execution.id))
        all.value("execution_creator_username", PropertyValue(text: context.execution.creatorUsername))
        all.value("workflow_id", PropertyValue(text: context.workflow.id))
        all.value("tenant_name", PropertyValue(text: context.tenant.name))
        all.value("timeout", context.timeout.map { RetryAfterText.seconds($0) } ?? .null)
        all.value("timeout_recoverable", .bool(context.timeoutIsRecoverable))
        all.value("resume", .bool(context.resume))
        all["workflow_parameters"] = {
            .mapping(CtxMapping(of: "workflow_parameters") { context.workflow.parameters })
        }
        all["execution_env"] = {
            .mapping(CtxMapping(of: "execution_env") { context.executionEnvironment.mapValues { .string($0) } })
        }
        all.method("send_event", [.required("event")]) { arguments in
            context.sendEvent(LogMessage.text(arguments["event"] ?? .null, []))
            return .value(.null)
        }
        let logger = context.logger
        all["logger"] = { .object(ContextLogger(logger: logger).object) }
    }

    private func addManager(_ all: inout [String: CtxObject.Attribute]) {
        all.value("rest_host", Self.hosts(context.managerAddress.hosts))
        all.value("rest_port", context.managerAddress.port.map { .integer($0) } ?? .null)
        all.value("rest_token", PropertyValue(text: context.managerAddress.restToken))
        all.value("rest_ssl_cert", PropertyValue(text: context.managerAddress.certificateAuthority))
        all.value("execution_token", PropertyValue(text: context.managerAddress.executionToken))
        all.value("bypass_maintenance", .bool(context.managerAddress.bypassesMaintenance))
    }

    private static func hosts(_ hosts: [String]) -> PropertyValue {
        hosts.isEmpty ? .null : PropertyValue(texts: hosts)
    }

    // MARK: What it works on

    private func addSubject(_ all: inout [String: CtxObject.Attribute]) {
        all["node"] = { .object(EntityModel.node(try context.node)) }
        all["instance"] = { .object(EntityModel.instance(try context.instance)) }
        all["source"] = { .object(EntityModel.end(try context.source)) }
        all["target"] = { .object(EntityModel.end(try context.target)) }
        all["capabilities"] = {
            let capabilities = try context.capabilities
            var attributes: [String: CtxObject.Attribute] = [:]
            attributes.method("get_all") { _ in
                .value(.object(try await capabilities.all.mapValues { .object($0) }))
            }
            return .object(CtxObject(type: "ContextCapabilities", attributes: attributes))
        }
        all["agent"] = {
            let fields = try await context.agent.fields
            return .mapping(CtxMapping(of: "ctx.agent") { fields })
        }
    }

    // MARK: What it is part of

    private func addParts(_ all: inout [String: CtxObject.Attribute]) {
        all["operation"] = { .object(operation) }
        all["deployment"] = { .object(EntityModel.deployment(context)) }
        all["plugin"] = { .object(EntityModel.plugin(context)) }
        all["blueprint"] = {
            var attributes: [String: CtxObject.Attribute] = [:]
            attributes.value("id", PropertyValue(text: context.blueprint.id))
            return .object(CtxObject(type: "BlueprintContext", attributes: attributes))
        }
    }

    private var operation: CtxObject {
        var attributes: [String: CtxObject.Attribute] = [:]
        attributes.value("name", .string(context.operation.name))
        attributes.value("retry_number", .integer(context.operation.retryNumber))
        attributes.value("max_retries", .integer(context.operation.maxRetries))
        attributes.value("relationship", PropertyValue(text: context.operation.relationshipSide?.rawValue))
        attributes.method("retry", Self.retryParameters) { arguments in
            try requestRetry(Self.message(arguments), after: RetryDelay.read(arguments))
            return .value(.null)
        }
        return CtxObject(type: "OperationContext", attributes: attributes)
    }

    // MARK: How it ends

    private static let retryParameters: [CtxFunction.Parameter] = [.optional("message"), .optional("retry_after")]

    private func addConclusions(_ all: inout [String: CtxObject.Attribute]) {
        all.method("returns", [.required("value")]) { arguments in
            let value = arguments["value"] ?? .null
            guard !value.isNull else {
                // As in the original: null is what an operation returns that returns nothing, so this says nothing.
                try refuseSecond(answers.isOpen)
                return .value(.null)
            }
            try refuseSecond(answers.conclude(.returned(value)))
            return .value(.null)
        }
        all.method("abort_operation", [.optional("message")]) { arguments in
            let message = Self.message(arguments)
            try refuseSecond(answers.conclude(.aborted(message: message)))
            return .stop(message)
        }
        all.method("retry_operation", Self.retryParameters) { arguments in
            let (message, delay) = (Self.message(arguments), try RetryDelay.read(arguments))
            try refuseSecond(answers.conclude(.retry(message: message, after: delay)))
            requestRetry(message, after: delay)
            return .stop(message)
        }
    }

    private func refuseSecond(_ isFirst: Bool) throws(CtxFault) {
        guard isFirst else { throw .runtime(CtxAnswers.secondConclusion) }
    }

    private func requestRetry(_ message: String, after delay: Duration?) {
        // The context remembers it, and the error is for operations in Swift, which end with it.
        do throws(RetryRequest) { try context.operation.retry(after: delay, message: message) } catch {}
    }

    /// The original prints a message that is missing as Python prints nothing.
    private static func message(_ arguments: CtxFunction.Arguments) -> String {
        LogMessage.text(arguments["message"] ?? .null, [])
    }
}
