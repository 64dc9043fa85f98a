internal import Operative

extension ManagerStore {
    /// Nodes, listed or made.
    mutating func node(_ request: RecordedRequest) -> ServerAnswer {
        guard request.method == "POST" else {
            var answer = nodes
            if request.parameters["_evaluate_functions"] == "True" {
                let instance = request.parameters["_instance_context"].map { PropertyValue.string($0) }
                for index in answer.indices {
                    answer[index]["properties"] = evaluated(
                        answer[index]["properties"] ?? [:], in: ["self": instance ?? nil])
                }
            }
            return list(answer, request, ["deployment_id", "id"])
        }
        for node in request.json?["nodes"]?.arrayValue ?? [] {
            var node = node.objectValue ?? [:]
            node["deployment_id"] = request.json?["deployment_id"]
            nodes.append(node)
        }
        return .json(nil, status: 201)
    }

    mutating func createInstances(_ request: RecordedRequest) -> ServerAnswer {
        var made: [PropertyValue] = []
        for instance in request.json?["node_instances"]?.arrayValue ?? [] {
            guard let id = instance["id"]?.stringValue, let node = instance["node_id"]?.stringValue else { continue }
            addInstance(
                id, node: node, deployment: request.json?["deployment_id"]?.stringValue ?? "",
                properties: instance["runtime_properties"]?.objectValue ?? [:],
                relationships: instance["relationships"]?.arrayValue ?? [], host: instance["host_id"]?.stringValue)
            instances[id]?["index"] = instance["index"] ?? 1
            made.append(.object(instances[id] ?? [:]))
        }
        let answer = ServerAnswer.list(made)
        return ServerAnswer(status: 201, body: answer.body)
    }

    /// Something that is known by its name and only stored: blueprints and deployments.
    static func stored(
        _ request: RecordedRequest, _ what: String, _ id: String,
        in things: inout [String: [String: PropertyValue]]
    ) -> ServerAnswer {
        if request.method == "PUT" {
            things[id] = (request.json?.objectValue ?? [:]).merging(["id": .string(id)]) { $1 }
            return .json(.object(things[id] ?? [:]), status: 201)
        }
        return things[id].map { .json(.object($0)) } ?? missing(what, id)
    }
}
