internal import Operative

// What only the manager knows.
extension CtxModel {
    func addRecords(_ all: inout [String: CtxObject.Attribute]) {
        all["tenant"] = {
            let fields = try await context.getTenant().fields
            return .mapping(CtxMapping(of: "ctx.tenant") { fields })
        }
        all["provider_context"] = {
            let fields = try await context.providerContext
            return .mapping(CtxMapping(of: "provider_context") { fields })
        }
        all["bootstrap_context"] = { .object(Self.bootstrap(try await context.bootstrapContext)) }
        all.method("get_config", [.optional("name"), .optional("scope")]) { arguments in
            let entries = try await context.getConfig(
                name: try arguments.optionalText("name"), scope: try arguments.optionalText("scope"))
            return .value(.array(entries.map { .object($0.fields) }))
        }
        all.method("get_managers", [.optional("network")]) { arguments in
            let network = try arguments.optionalText("network") ?? "default"
            return .value(.array(try await context.getManagers(network: network).map { .object($0.fields) }))
        }
        all.method("get_brokers", [.optional("network")]) { arguments in
            let network = try arguments.optionalText("network") ?? "default"
            return .value(.array(try await context.getBrokers(network: network).map { .object($0.fields) }))
        }
        all.method("get_execution", [.optional("execution_id")]) { arguments in
            let id = try arguments.optionalText("execution_id")
            return .value(.object(try await context.getExecution(id?.isEmpty == true ? nil : id).fields))
        }
        all.method("get_operation") { _ in
            .value(try await context.getOperation().map { .object($0.fields) } ?? .null)
        }
        all.method("update_operation", [.required("state")]) { arguments in
            try await context.updateOperation(state: OperationState(rawValue: try arguments.text("state")))
            return .value(.null)
        }
    }

    private static func bootstrap(_ bootstrap: BootstrapContext) -> CtxObject {
        var all: [String: CtxObject.Attribute] = [:]
        all.value("resources_prefix", .string(bootstrap.resourcesPrefix))
        all["cloudify_agent"] = {
            let fields = bootstrap.agent.fields
            return .mapping(CtxMapping(of: "bootstrap_context") { fields })
        }
        all["policy_engine"] = {
            let fields = bootstrap.fields["policy_engine"]?.objectValue ?? [:]
            return .mapping(CtxMapping(of: "bootstrap_context") { fields })
        }
        all.method("broker_config") { _ in
            let names = ["broker_ip", "broker_ssl_enabled", "broker_user", "broker_pass", "broker_vhost", "cluster"]
            let fields = bootstrap.agent.fields
            return .value(.object(Dictionary(uniqueKeysWithValues: names.map { ($0, fields[$0] ?? .null) })))
        }
        return CtxObject(type: "BootstrapContext", attributes: all)
    }
}
