internal import AgentProtocol
internal import Operative

/// Puts errors into words by which `cloudify-common` says in its own way that there is no manager to talk to.
enum MissingManager {
    private static let certificateVariable = "LOCAL_REST_CERT_FILE"
    /// Where everything begins that a function asks a manager for.
    private static let places = ["/cloudify/manager.py\"", "/cloudify/endpoint.py\""]

    /// - Parameter environment: that of the process.
    /// - Returns: what the operation fails with in the place of this; nil when it has failed for another reason.
    static func explained(
        _ failure: OperationFailure, _ task: OperationTaskContext, environment: [String: String]
    ) -> OperationFailure? {
        guard let error = failure.causes.last else { return nil }
        let traceback = error.traceback ?? ""
        let hasManager = !task.restHosts.isEmpty || !(environment["REST_HOST"] ?? "").isEmpty
        let lacksCertificate =
            ["KeyError", "RuntimeError"].contains(error.type)
            && error.message.contains(certificateVariable)
        let reason: String
        if hasManager {
            guard lacksCertificate else { return nil }
            let found = environment[certificateVariable].map { "there is no file \($0)" } ?? "it is not set"
            reason =
                "An operation in Python wants the file with its manager's certificate authority, by the name in \(certificateVariable), even where REST_PROTOCOL is http; \(found). Set it in the agent's environment."
        } else {
            guard lacksCertificate || places.contains(where: { traceback.contains($0) }) else { return nil }
            reason =
                "An operation in Python asks a manager for what it has of ctx beyond its task (log records, events, runtime properties, properties, resources), and this task names no manager. Send tasks with rest_host, rest_port and rest_token, or use a native operation or a script for a shell, whose ctx needs no manager."
        }
        return OperationFailure(
            kind: .nonRecoverable, typeName: "NonRecoverableError",
            message: "\(reason) (\(error.type): \(error.message))",
            causes: failure.causes)
    }
}
