internal import Operative

extension ManagerStore {
    /// Carries out a request.
    mutating func answer(_ request: RecordedRequest) -> ServerAnswer {
        if let refusal = refusal(request) { return refusal }
        let segments = request.segments
        if segments.first == "resources" { return file(request) }
        if let answer = agentOrPlugin(request) { return answer }
        guard segments.count >= 3, segments[0] == "api", segments[1] == "v3.1" else { return Self.unknown(request) }
        let rest = Array(segments.dropFirst(3))
        return switch segments[2] {
        case "executions": execution(request, rest.first)
        case "operations": operation(request, rest.first)
        case "tasks_graphs": graph(request, rest.first)
        case "nodes": node(request)
        case "node-instances": instance(request, rest.first)
        case "events": event(request)
        case "evaluate": evaluation(request)
        default: catalogue(request, segments[2], rest)
        }
    }

    static func unknown(_ request: RecordedRequest) -> ServerAnswer {
        .error(404, "not_found_error", "404: \(request.method) \(request.path) does not exist")
    }

    static func missing(_ what: String, _ id: String) -> ServerAnswer {
        .error(404, "not_found_error", "Requested `\(what)` with ID `\(id)` was not found")
    }

    private func refusal(_ request: RecordedRequest) -> ServerAnswer? {
        let execution = request.header("Execution-Token")
        let authentication = request.header("Authentication-Token")
        if execution != nil, authentication != nil {
            return .error(400, "bad_parameters_error", "two tokens at once")
        }
        guard let tokens else { return nil }
        guard let token = execution ?? authentication, tokens.contains(token) else {
            return .error(401, "unauthorized_error", "User unauthorized: the token is not valid")
        }
        return nil
    }

    private mutating func catalogue(_ request: RecordedRequest, _ kind: String, _ rest: [String]) -> ServerAnswer {
        let id = rest.first ?? ""
        return switch (kind, rest.count) {
        case ("blueprints", 1): Self.stored(request, "Blueprint", id, in: &blueprints)
        case ("deployments", 1): Self.stored(request, "Deployment", id, in: &deployments)
        case ("tenants", 1): Self.stored(request, "Tenant", id, in: &tenants)
        case ("provider", _): .json(["name": "provider", "context": .object(providerContext)])
        case ("config", 0): list(config, request, ["scope"])
        case ("config", _): setting(id)
        case ("managers", _): .list(managers.map { .object($0) })
        case ("brokers", _): .list(brokers.map { .object($0) })
        case ("secrets", 1): secret(id)
        default: Self.unknown(request)
        }
    }

    private func one(_ members: [String: PropertyValue]?, _ what: String, _ id: String) -> ServerAnswer {
        members.map { .json(.object($0)) } ?? Self.missing(what, id)
    }

    private func setting(_ name: String) -> ServerAnswer {
        let found = config.first { setting in
            let plain = setting["name"]?.stringValue ?? ""
            return plain == name || name.hasSuffix(".\(plain)")
        }
        return one(found, "Config", name)
    }

    private func secret(_ key: String) -> ServerAnswer {
        secrets[key].map { .json(["key": .string(key), "value": .string($0)]) } ?? Self.missing("Secret", key)
    }

    /// The objects whose members have the values of the query.
    func list(
        _ objects: [[String: PropertyValue]], _ request: RecordedRequest, _ filters: [String]
    ) -> ServerAnswer {
        let parameters = request.parameters
        let found = objects.filter { object in
            filters.allSatisfy { name in
                guard let wanted = parameters[name] else { return true }
                if let values = object[name]?.arrayValue { return values.contains(.string(wanted)) }
                return object[name]?.stringValue == wanted
            }
        }
        return page(found, parameters)
    }

    /// The part of a list that was asked for.
    func page(_ objects: [[String: PropertyValue]], _ parameters: [String: String]) -> ServerAnswer {
        let offset = parameters["_offset"].flatMap { Int($0) } ?? 0
        let size = parameters["_size"].flatMap { Int($0) } ?? 1000
        return .list(
            objects.dropFirst(offset).prefix(size).map { .object($0) }, total: objects.count, offset: offset, size: size
        )
    }

    static func byID(_ left: [String: PropertyValue], _ right: [String: PropertyValue]) -> Bool {
        (left["id"]?.stringValue ?? "") < (right["id"]?.stringValue ?? "")
    }
}
