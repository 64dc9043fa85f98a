import Glibc
import Operative

/// The operations that `manager_client.py` asks for.
struct InteropPlugin: Plugin {
    static let name = "interop"
    static let version = "1.0.0"

    var operations: [Operation] {
        Operation("interop.echo", inputs: [String: PropertyValue].self) { _, inputs in inputs }
        Operation("interop.context") { ctx in Self.facts(of: ctx) }
        Operation("interop.log") { ctx in
            ctx.logger.debug("debug line")
            ctx.logger.info("info line: Grüße, 世界")
            ctx.logger.warning("warning line")
            ctx.logger.error("error line")
            ctx.sendEvent("an event from the plugin: 🎉")
            ctx.logger.critical("critical line")
        }
        Operation("interop.fail") { _ in
            throw NonRecoverableError("give up: ü", cause: PaperJam(tray: 2, cause: OutOfPaper()))
        }
        Operation("interop.fail_recoverable", inputs: Wait.self) { _, wait in
            throw RecoverableError("try again later", retryAfter: wait.duration)
        }
        Operation("interop.fail_plain") { _ in throw OutOfPaper() }
        Operation("interop.retry", inputs: Retry.self) { ctx, retry in
            guard ctx.operation.retryNumber >= retry.until else {
                try ctx.operation.retry(after: .milliseconds(retry.milliseconds), message: "not ready yet")
            }
            return ["retries": ctx.operation.retryNumber]
        }
        Operation("interop.sleep", inputs: Wait.self) { ctx, wait in
            ctx.sendEvent("sleeping")
            defer { ctx.sendEvent("woken") }
            try await Task.sleep(for: wait.duration ?? .zero)
        }
        // Holds its thread, not only its slot.
        Operation("interop.block") { ctx in
            ctx.sendEvent("blocking")
            while !Task.isCancelled { usleep(10_000) }
            throw CancellationError()
        }
        Operation("interop.stop_agent") { _ in throw StopAgentRequest() }
    }

    private static func facts(of ctx: OperationContext) -> [String: PropertyValue] {
        [
            "task_id": ctx.taskID.map(PropertyValue.string) ?? .null,
            "task_name": .string(ctx.taskName),
            "operation": .string(ctx.operation.name),
            "retry_number": .integer(ctx.operation.retryNumber),
            "max_retries": .integer(ctx.operation.maxRetries),
            "execution_id": ctx.execution.id.map(PropertyValue.string) ?? .null,
            "workflow_id": ctx.workflow.id.map(PropertyValue.string) ?? .null,
            "deployment_id": ctx.deployment.id.map(PropertyValue.string) ?? .null,
            "blueprint_id": ctx.blueprint.id.map(PropertyValue.string) ?? .null,
            "tenant": ctx.tenant.name.map(PropertyValue.string) ?? .null,
            "plugin": (ctx.plugin?.name).map(PropertyValue.string) ?? .null,
            "node_id": (try? ctx.instance.id).map(PropertyValue.string) ?? .null,
            "node_name": (try? ctx.node.name).map(PropertyValue.string) ?? .null,
            "source_id": (try? ctx.source.instance.id).map(PropertyValue.string) ?? .null,
            "target_id": (try? ctx.target.instance.id).map(PropertyValue.string) ?? .null,
        ]
    }
}

private struct Wait: Decodable {
    let milliseconds: Int?
    var duration: Duration? { milliseconds.map { .milliseconds($0) } }
}

private struct Retry: Decodable {
    /// The retry that succeeds.
    let until: Int
    let milliseconds: Int
}

/// An error of the operation's own that says nothing about trying again.
private struct OutOfPaper: Error, CustomStringConvertible {
    let description = "no paper left: größer"
}

private struct PaperJam: CausedError, CustomStringConvertible {
    let tray: Int
    let cause: OutOfPaper
    var causes: [any Error] { [cause] }
    var description: String { "paper jam in tray \(tray)" }
}
