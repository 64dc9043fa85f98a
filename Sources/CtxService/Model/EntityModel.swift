internal import Operative

/// Nodes, instances and what they belong to.
enum EntityModel {
    static func node(_ node: Node) -> CtxObject {
        var all: [String: CtxObject.Attribute] = [:]
        all.value("id", .string(node.id))
        all.value("name", .string(node.name))
        all["properties"] = {
            // Fetched here: an error must come before the question whether a word is a path.
            let properties = try await node.properties
            return .mapping(
                CtxMapping(fixed: .nonRecoverable("Cannot override read only properties")) { properties })
        }
        all.fetched("type") { .string(try await node.type) }
        all.fetched("type_hierarchy") { PropertyValue(texts: try await node.typeHierarchy) }
        all.fetched("number_of_instances") { .integer(try await node.numberOfInstances) }
        return CtxObject(type: "NodeContext", attributes: all)
    }

    static func instance(_ instance: NodeInstance) -> CtxObject {
        var all: [String: CtxObject.Attribute] = [:]
        all.value("id", .string(instance.id))
        all["node"] = { .object(node(instance.node)) }
        all["runtime_properties"] = { .mapping(CtxMapping(instance)) }
        all.fetched("index") { .integer(try await instance.index) }
        all.fetched("host_ip") { .string(try await instance.hostIP) }
        all.fetched("drift") { try await instance.drift ?? .null }
        all.fetched("scaling_groups") {
            let groups = try await instance.scalingGroups
            return .object(Dictionary(groups.map { ($0.id, .string($0.name)) }) { first, _ in first })
        }
        all.fetched("relationships") {
            var list: [PropertyValue] = []
            for relationship in try await instance.relationships {
                let target = relationship.target
                list.append([
                    "type": .string(relationship.type),
                    "target": [
                        "node": ["id": .string(target.node.id)], "instance": ["id": .string(target.instance.id)],
                    ],
                ])
            }
            return .array(list)
        }
        all.method("update") { _ in
            try await instance.update()
            return .value(.null)
        }
        all.method("refresh", [.optional("force")]) { arguments in
            try await instance.refresh(force: arguments.flag("force"))
            return .value(.null)
        }
        return CtxObject(type: "NodeInstanceContext", attributes: all)
    }

    static func end(_ end: RelationshipEnd) -> CtxObject {
        CtxObject(
            type: "RelationshipSubjectContext",
            attributes: ["node": { .object(node(end.node)) }, "instance": { .object(instance(end.instance)) }])
    }

    static func deployment(_ context: OperationContext) -> CtxObject {
        let deployment = context.deployment
        var all: [String: CtxObject.Attribute] = [:]
        all.value("id", PropertyValue(text: deployment.id))
        all.value("tenant_name", PropertyValue(text: context.tenant.name))
        all.value("display_name", PropertyValue(text: deployment.displayName))
        all.value("creator", PropertyValue(text: deployment.creator))
        all.value("runtime_only_evaluation", deployment.runtimeOnlyEvaluation.map { .bool($0) } ?? .null)
        all["resource_tags"] = { .mapping(CtxMapping(of: "resource_tags") { deployment.resourceTags }) }
        return CtxObject(type: "DeploymentContext", attributes: all)
    }

    /// Stands for the plugin's name as a whole.
    static func plugin(_ context: OperationContext) -> CtxObject {
        let plugin = context.plugin
        var all: [String: CtxObject.Attribute] = [:]
        all.value("name", .string(plugin?.name ?? ""))
        all.value("package_name", PropertyValue(text: plugin?.packageName))
        all.value("package_version", PropertyValue(text: plugin?.packageVersion))
        all.value("source", PropertyValue(text: plugin?.source))
        all["properties"] = { .mapping(CtxMapping(of: "plugin.properties") { plugin?.properties ?? [:] }) }
        all.fetched("prefix") { PropertyValue(text: try await context.pluginPrefix) }
        all.fetched("workdir") { PropertyValue(text: try await context.pluginWorkdir) }
        return CtxObject(type: "PluginContext", attributes: all, whole: .string(plugin?.name ?? ""))
    }
}
