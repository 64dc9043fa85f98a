internal import Operative
internal import Templates

/// What an operation's context reaches through: its manager and events, as long as the operation has not been answered for.
struct TaskBackend: OperationBackend {
    let run: OperationRun
    let telemetry: OperationTelemetry
    let port: any Manager
    let operationTask: OperationTask

    var manager: any ManagerAccess { port.access(for: telemetry.context) }
    var isAnswered: Bool { run.isAnswered }

    func render(_ template: String, variables: [String: TemplateValue]) async throws -> String {
        try await TemplateRenderer().render(template, variables: variables)
    }

    func roomForRecords() async { await telemetry.roomForRecords() }

    func sendEvent(_ message: String) { telemetry.pluginEvent(message) }
}
