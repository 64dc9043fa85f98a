internal import Operative

extension ManagerStore {
    mutating func agentOrPlugin(_ request: RecordedRequest) -> ServerAnswer? {
        let segments = request.segments
        guard segments.count >= 3, segments[0] == "api" else { return nil }
        let id = segments.count > 3 ? segments[3] : ""
        switch segments[2] {
        case "agents" where segments.count == 4: return agent(request, id)
        case "plugins" where segments.count == 3:
            return list(Array(plugins.values), request, ["package_name", "package_version"])
        case "plugins" where segments.count == 5:
            guard let archive = files["plugins/\(id)"] else { return Self.missing("Plugin", id) }
            return Self.content(archive)
        case "plugins": return plugin(request, id)
        default: return nil
        }
    }

    private mutating func agent(_ request: RecordedRequest, _ name: String) -> ServerAnswer {
        guard agents[name] != nil else { return Self.missing("Agent", name) }
        if request.method == "PATCH" { agents[name]?.merge(request.json?.objectValue ?? [:]) { _, new in new } }
        return .json(.object(agents[name] ?? [:]))
    }

    private mutating func plugin(_ request: RecordedRequest, _ id: String) -> ServerAnswer {
        guard plugins[id] != nil else { return Self.missing("Plugin", id) }
        if request.method == "PUT" { plugins[id]?["installation_state"] = request.json }
        return .json(.object(plugins[id] ?? [:]))
    }
}
