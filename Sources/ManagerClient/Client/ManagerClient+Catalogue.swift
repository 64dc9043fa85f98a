public import Operative

extension ManagerClient {
    /// A blueprint: `GET /blueprints/<id>`.
    ///
    /// - Parameter include: The members to ask for; all when empty.
    public func blueprint(_ id: String, include: [String] = []) async throws(ManagerError) -> BlueprintRecord {
        var request = ManagerRequest.api(.get, "blueprints", try checked(id, as: "blueprint id"))
        if !include.isEmpty { request.query = [("_include", include.joined(separator: ","))] }
        return try BlueprintRecord(try await fields(request))
    }

    /// A tenant, with what the manager says about it: `GET /tenants/<name>`. The broker's password in it is a secret.
    public func tenant(_ name: String) async throws(ManagerError) -> [String: PropertyValue] {
        try await fields(.api(.get, "tenants", checked(name, as: "tenant name"))).members
    }

    /// The context that the manager was set up with: `GET /provider/context`.
    public func providerContext() async throws(ManagerError) -> [String: PropertyValue] {
        try await fields(.api(.get, "provider", "context")).object("context")
    }

    /// Settings of the manager: `GET /config`.
    ///
    /// - Parameter scope: Such as `workflow`; all scopes when `nil`.
    /// - Returns: Each setting as the manager describes it, with `name`, `value` and `scope`.
    public func config(scope: String? = nil) async throws(ManagerError) -> [[String: PropertyValue]] {
        var request = ManagerRequest.api(.get, "config")
        if let scope { request.query = [("scope", scope)] }
        return try await items(request).map { $0.members }
    }

    /// One setting of the manager: `GET /config/<name>`, or `GET /config/<scope>.<name>`.
    public func config(name: String, scope: String? = nil) async throws(ManagerError) -> [String: PropertyValue] {
        let full = scope.map { "\($0).\(name)" } ?? name
        return try await fields(.api(.get, "config", checked(full, as: "setting"))).members
    }

    /// The members of the manager's cluster: `GET /managers`.
    public func managers() async throws(ManagerError) -> [[String: PropertyValue]] {
        try await items(.api(.get, "managers")).map { $0.members }
    }

    /// The cluster's brokers: `GET /brokers`.
    public func brokers() async throws(ManagerError) -> [[String: PropertyValue]] {
        try await items(.api(.get, "brokers")).map { $0.members }
    }

    /// A secret's value: `GET /secrets/<key>`.
    public func secret(_ key: String) async throws(ManagerError) -> String {
        try await fields(.api(.get, "secrets", checked(key, as: "secret"))).string("value")
    }

    /// An agent, as the manager has it: `GET /agents/<name>`.
    public func agent(_ name: String) async throws(ManagerError) -> [String: PropertyValue] {
        try await fields(.api(.get, "agents", checked(name, as: "agent"))).members
    }

    /// Changes what the manager has about an agent: `PATCH /agents/<name>`.
    ///
    /// - Parameter members: Such as `version`, `system` and `state`.
    public func updateAgent(
        _ name: String, _ members: [String: PropertyValue]
    ) async throws(ManagerError) {
        _ = try await send(writing(members, .api(.patch, "agents", checked(name, as: "agent"))))
    }
}
