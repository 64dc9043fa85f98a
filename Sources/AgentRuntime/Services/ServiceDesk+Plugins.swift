internal import AgentProtocol
internal import Logging
internal import Operative

/// Service tasks that install and remove plugins. They may take minutes, in which all others are answered.
extension ServiceDesk {
    private static let required: Set<String> = ["plugin", "rest_token", "tenant", "rest_host"]
    private static let optional: Set<String> = ["rest_port", "target", "bypass_maintenance"]
    private static let defaultPort = 53333

    /// - Returns: nil when the agent stops before it is done: the task is taken up again by the next start.
    func changePlugin(_ task: ServiceTaskEnvelope) async -> ServiceAnswer? {
        guard let plugins = ports.plugins else {
            let text = "This agent has no Python plugins: \(task.taskName) is not for it."
            ports.logger.warning("\(text)")
            return ServiceAnswer(.error("NotImplementedError", text))
        }
        let order: PluginOrder
        do throws(MaintenanceError) {
            order = try Self.order(task)
        } catch {
            return ServiceAnswer(.error("TypeError", "\(task.taskName): \(error)"))
        }
        let name = order.plugin["package_name"]?.stringValue ?? order.plugin["name"]?.stringValue ?? ""
        ports.logger.info("\(task.taskName)", metadata: ["plugin": "\(name)"])
        let isInstallation = task.taskName == "install-plugin"
        do {
            try await jobs.run {
                if isInstallation { try await plugins.install(order) } else { try await plugins.uninstall(order) }
            }
            ports.logger.notice("Done", metadata: ["service_task": "\(task.taskName)", "plugin": "\(name)"])
            return ServiceAnswer(.null)
        } catch {
            if jobs.isEnded { return nil }
            let failure = OperationFailure(error)
            ports.logger.error("\(task.taskName) failed: \(failure)", metadata: ["plugin": "\(name)"])
            return ServiceAnswer(.error(failure.typeName, failure.message))
        }
    }

    private static func order(_ task: ServiceTaskEnvelope) throws(MaintenanceError) -> PluginOrder {
        let keys = Set(task.kwargs.keys)
        let missing = required.subtracting(keys).sorted()
        guard missing.isEmpty else { throw MaintenanceError("\(missing.joined(separator: ", ")) is missing") }
        let unknown = keys.subtracting(required).subtracting(optional).sorted()
        guard unknown.isEmpty else { throw MaintenanceError("unknown: \(unknown.joined(separator: ", "))") }
        guard let plugin = task.kwargs["plugin"], plugin.objectValue != nil else {
            throw MaintenanceError("plugin is no object")
        }
        guard let port = given(task, "rest_port").map({ $0.intValue }) ?? defaultPort else {
            throw MaintenanceError("rest_port is no number")
        }
        return PluginOrder(
            plugin: plugin, tenant: task.kwargs["tenant"]?["name"]?.stringValue,
            managerHosts: try texts(task, "rest_host") ?? [], managerPort: port,
            token: task.kwargs["rest_token"]?.stringValue,
            targets: try texts(task, "target").flatMap { $0.isEmpty ? nil : $0 },
            bypassesMaintenance: given(task, "bypass_maintenance")?.boolValue ?? false)
    }

    private static func given(_ task: ServiceTaskEnvelope, _ key: String) -> PropertyValue? {
        task.kwargs[key].flatMap { $0.isNull ? nil : $0 }
    }

    /// A list of texts; a text alone is a list of one.
    private static func texts(_ task: ServiceTaskEnvelope, _ key: String) throws(MaintenanceError) -> [String]? {
        guard let value = given(task, key) else { return nil }
        if let text = value.stringValue { return [text] }
        let elements = value.arrayValue ?? [.null]
        let texts = elements.compactMap(\.stringValue)
        guard texts.count == elements.count else { throw MaintenanceError("\(key) is no list of texts") }
        return texts
    }
}
