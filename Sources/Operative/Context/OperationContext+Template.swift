extension OperationContext {
    /// What templates see as `ctx`, under the names of the Python context. Nothing is fetched before a template asks.
    package var templateValue: TemplateValue {
        let facts = scope.facts
        var members = taskMembers(facts).mapValues { TemplateValue.value($0) }
        members["plugin"] = Self.plugin(facts.plugin)
        members["operation"] = .value([
            "name": .string(operation.name), "retry_number": .integer(operation.retryNumber),
            "max_retries": .integer(operation.maxRetries), "relationship": Self.text(facts.relationshipSide?.rawValue),
        ])
        members["node"] = .later { Self.tree(try node) }
        members["instance"] = .later { Self.tree(try instance) }
        members["source"] = .later { Self.tree(try source) }
        members["target"] = .later { Self.tree(try target) }
        members["capabilities"] = .later { .value(.object(try await capabilities.all.mapValues { .object($0) })) }
        members["provider_context"] = .fetched { .object(try await providerContext) }
        members["bootstrap_context"] = .fetched { .object(try await bootstrapContext.fields) }
        return .members(members)
    }

    private func taskMembers(_ facts: OperationFacts) -> [String: PropertyValue] {
        let deployment: PropertyValue = [
            "id": Self.text(facts.deployment.id), "display_name": Self.text(facts.deployment.displayName),
            "creator": Self.text(facts.deployment.creator), "resource_tags": .object(facts.deployment.resourceTags),
            "tenant_name": Self.text(facts.tenant.name),
        ]
        return [
            "type": .string(kind.rawValue), "task_id": Self.text(taskID), "task_name": .string(taskName),
            "task_type": Self.text(facts.taskType), "task_queue": Self.text(facts.taskQueue),
            "task_target": Self.text(facts.taskTarget), "execution_id": Self.text(facts.execution.id),
            "execution_creator_username": Self.text(facts.execution.creatorUsername),
            "workflow_id": Self.text(facts.workflow.id), "workflow_parameters": .object(facts.workflow.parameters),
            "tenant_name": Self.text(facts.tenant.name), "resume": .bool(facts.resume), "deployment": deployment,
            "blueprint": ["id": Self.text(facts.blueprint.id)],
        ]
    }

    private static func plugin(_ plugin: PluginInfo?) -> TemplateValue {
        .value([
            "name": text(plugin?.name), "package_name": text(plugin?.packageName),
            "package_version": text(plugin?.packageVersion), "source": text(plugin?.source),
            "properties": .object(plugin?.properties ?? [:]),
        ])
    }

    private static func tree(_ end: RelationshipEnd) -> TemplateValue {
        .members(["node": tree(end.node), "instance": tree(end.instance)])
    }

    private static func tree(_ node: Node) -> TemplateValue {
        .members([
            "id": .value(.string(node.id)), "name": .value(.string(node.name)),
            "properties": .fetched { .object(try await node.properties) },
            "type": .fetched { .string(try await node.type) },
            "type_hierarchy": .fetched { .array(try await node.typeHierarchy.map { .string($0) }) },
            "number_of_instances": .fetched { .integer(try await node.numberOfInstances) },
        ])
    }

    private static func tree(_ instance: NodeInstance) -> TemplateValue {
        .members([
            "id": .value(.string(instance.id)), "node": .later { tree(instance.node) },
            "runtime_properties": .fetched { .object(try await instance.runtimeProperties) },
            "index": .fetched { .integer(try await instance.index) },
            "host_ip": .fetched { .string(try await instance.hostIP) },
            "drift": .fetched { try await instance.drift ?? .null },
            "scaling_groups": .fetched {
                let groups = try await instance.scalingGroups
                return .object(Dictionary(groups.map { ($0.id, .string($0.name)) }) { first, _ in first })
            },
            "relationships": .later { .list(try await instance.relationships.map(tree)) },
        ])
    }

    private static func tree(_ relationship: Relationship) -> TemplateValue {
        .members([
            "type": .value(.string(relationship.type)),
            "type_hierarchy": .fetched { .array(try await relationship.typeHierarchy.map { .string($0) }) },
            "target": tree(relationship.target),
        ])
    }

    private static func text(_ value: String?) -> PropertyValue { value.map { .string($0) } ?? .null }
}
