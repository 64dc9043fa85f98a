internal import Operative

extension ManagerStore {
    mutating func graph(_ request: RecordedRequest, _ id: String?) -> ServerAnswer {
        let members = request.json?.objectValue ?? [:]
        guard request.method != "GET" else {
            return list(Array(graphs.values), request, ["execution_id", "name"])
        }
        guard request.method == "POST" else {
            graphs[id ?? ""]?.merge(members) { _, new in new }
            return .json(.object(graphs[id ?? ""] ?? [:]))
        }
        let name = "graph-\(graphs.count + 1)"
        graphs[name] = [
            "id": .string(name), "name": members["name"] ?? nil, "execution_id": members["execution_id"] ?? nil,
        ]
        for operation in members["operations"]?.arrayValue ?? [] {
            guard var operation = operation.objectValue, let id = operation["id"]?.stringValue else { continue }
            operation["tasks_graph_id"] = .string(name)
            operation["graph_id"] = .string(name)
            store(operation, id)
        }
        return .json(.object(graphs[name] ?? [:]), status: 201)
    }

    mutating func instance(_ request: RecordedRequest, _ id: String?) -> ServerAnswer {
        guard let id else {
            if request.method == "POST" { return createInstances(request) }
            return list(instances.values.sorted(by: Self.byID), request, ["deployment_id", "node_id", "id"])
        }
        guard var instance = instances[id] else { return Self.missing("NodeInstance", id) }
        guard request.method == "PATCH" else {
            if request.parameters["_evaluate_functions"] == "True", let properties = instance["runtime_properties"] {
                instance["runtime_properties"] = evaluated(properties, in: ["self": .string(id)])
            }
            return .json(.object(instance))
        }
        let members = request.json?.objectValue ?? [:]
        let stored = instance["version"]?.intValue ?? 0
        guard let sent = members["version"]?.intValue, sent >= 0 else {
            return .error(400, "bad_parameters_error", "version must be a number that is not negative")
        }
        guard stored <= sent || request.parameters["force"] == "True" else {
            conflicts += 1
            return .error(
                409, "conflict_error",
                "Node instance update conflict [current version=\(stored), update version=\(sent)]")
        }
        for name in ["runtime_properties", "system_properties", "state"] {
            if let value = members[name], !value.isNull { instance[name] = value }
        }
        instance["version"] = .integer(stored + 1)
        instances[id] = instance
        return .json(.object(instance))
    }

    func evaluation(_ request: RecordedRequest) -> ServerAnswer {
        guard let body = request.json else { return .error(400, "bad_parameters_error", "no JSON") }
        return .json([
            "deployment_id": body["deployment_id"] ?? nil,
            "payload": evaluated(body["payload"] ?? [:], in: body["context"] ?? [:]),
        ])
    }

    func evaluated(_ payload: PropertyValue, in context: PropertyValue) -> PropertyValue {
        if let evaluate { return evaluate(context, payload) }
        return IntrinsicFunctions(nodes: nodes, instances: instances, context: context).evaluate(payload)
    }
}
