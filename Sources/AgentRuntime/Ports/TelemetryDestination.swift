package import AgentProtocol
internal import Operative

/// To whom the records of one run of an execution are posted, and by what right: what the task says of its manager.
///
/// Tasks with equal facts have equal destinations. A record on disk keeps its destination, secrets and all, until it has arrived.
package final class TelemetryDestination: Sendable, Hashable, CustomStringConvertible {
    /// The execution; nil when the task names none.
    package let executionID: String?
    /// Hosts of the manager's REST service.
    package let hosts: [String]
    /// Its port.
    package let port: Int?
    /// Its certificate authority as PEM text; nil for the agent's own.
    package let certificateAuthority: String?
    /// The token of the execution's current run. A secret.
    package let executionToken: String?
    /// The token of a user. A secret.
    package let restToken: String?
    /// The tenant's name.
    package let tenant: String?
    /// Whether requests are to be answered in maintenance mode too.
    package let bypassesMaintenance: Bool
    /// All of that in the form in which it is stored. Equal for equal destinations.
    package let stored: [UInt8]

    private let digest: Int

    /// What a task says.
    package convenience init(_ task: OperationTaskContext) {
        self.init([
            "execution_id": PropertyValue(text: task.executionID),
            "hosts": .array(task.restHosts.map(PropertyValue.string)),
            "port": task.restPort.map(PropertyValue.integer) ?? .null,
            "certificate": PropertyValue(text: task.restCertificate),
            "execution_token": PropertyValue(text: task.executionToken),
            "rest_token": PropertyValue(text: task.restToken), "tenant": PropertyValue(text: task.tenantName),
            "bypass_maintenance": .bool(task.bypassMaintenance),
        ])
    }

    /// Reads what ``stored`` was; nil when it is nothing of the kind.
    package convenience init?(stored: [UInt8]) {
        guard let fields = (try? PropertyValue(json: stored))?.objectValue else { return nil }
        self.init(fields)
    }

    private init(_ fields: [String: PropertyValue]) {
        func text(_ name: String) -> String? { fields[name]?.stringValue }
        executionID = text("execution_id")
        hosts = fields["hosts"]?.arrayValue?.compactMap(\.stringValue) ?? []
        port = fields["port"]?.intValue
        certificateAuthority = text("certificate")
        executionToken = text("execution_token")
        restToken = text("rest_token")
        tenant = text("tenant")
        bypassesMaintenance = fields["bypass_maintenance"]?.boolValue ?? false
        // Members are sorted, so equal facts have equal bytes in every process.
        stored = PropertyValue.object(fields).json
        var hasher = Hasher()
        hasher.combine(stored)
        digest = hasher.finalize()
    }

    package static func == (left: TelemetryDestination, right: TelemetryDestination) -> Bool {
        left === right || (left.digest == right.digest && left.stored == right.stored)
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(digest) }

    /// The execution, without the secrets.
    package var description: String {
        "execution \(executionID ?? "without id") at \(hosts.isEmpty ? "no named manager" : hosts.joined(separator: ","))"
    }
}

extension PropertyValue {
    fileprivate init(text: String?) { self = text.map(PropertyValue.string) ?? .null }
}
