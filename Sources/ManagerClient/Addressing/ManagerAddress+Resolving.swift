extension ManagerAddress {
    /// Finds out where a task's manager is, by the rules of an installed agent (Cloudify agent protocol, 6.1).
    ///
    /// `REST_PROTOCOL` (default `https`), `REST_HOST` (a list separated by commas) and `REST_PORT` go before the task's own facts.
    /// Whom to trust is the task's `rest_ssl_cert`, else the file named by `LOCAL_REST_CERT_FILE`, which must exist. The file is
    /// read each time, so that a new one is used from the next task on.
    ///
    /// - Parameters:
    ///   - facts: What the task says.
    ///   - environment: The agent's environment.
    /// - Throws: ``ManagerAddressError`` naming the variable or the field.
    public static func resolve(
        _ facts: ManagerFacts, environment: [String: String]
    ) throws(ManagerAddressError) -> ManagerAddress {
        let scheme = try scheme(of: "REST_PROTOCOL", in: environment) ?? .https
        let fileServerScheme = try self.scheme(of: "MANAGER_FILE_SERVER_SCHEME", in: environment) ?? scheme
        let hosts: [String]
        let hostsField: String
        if let list = value(of: "REST_HOST", in: environment) {
            hosts = list.split(separator: ",", omittingEmptySubsequences: false).map { trimmed($0) }
            hostsField = "REST_HOST"
        } else {
            hosts = facts.hosts
            hostsField = "rest_host"
        }
        let port = try port(facts, environment: environment)
        return try ManagerAddress(
            scheme: scheme, hosts: hosts, hostsField: hostsField, port: port.number, portField: port.field,
            certificateAuthority: try authority(facts, environment: environment), fileServerScheme: fileServerScheme)
    }

    private static func scheme(
        of variable: String, in environment: [String: String]
    ) throws(ManagerAddressError) -> Scheme? {
        guard let text = value(of: variable, in: environment) else { return nil }
        guard let scheme = Scheme(rawValue: text.lowercased()) else {
            throw ManagerAddressError(field: variable, reason: "'\(text.prefix(40))' must be http or https")
        }
        return scheme
    }

    private static func port(
        _ facts: ManagerFacts, environment: [String: String]
    ) throws(ManagerAddressError) -> (number: Int, field: String) {
        if let text = value(of: "REST_PORT", in: environment) {
            guard let number = Int(text) else {
                throw ManagerAddressError(field: "REST_PORT", reason: "'\(text.prefix(40))' is no number")
            }
            return (number, "REST_PORT")
        }
        guard let number = facts.port else {
            throw ManagerAddressError(
                field: "rest_port", reason: "neither the task nor the environment variable REST_PORT names the port")
        }
        return (number, "rest_port")
    }

    private static func authority(
        _ facts: ManagerFacts, environment: [String: String]
    ) throws(ManagerAddressError) -> [UInt8] {
        let variable = "LOCAL_REST_CERT_FILE"
        if let text = facts.certificateAuthority, !text.isEmpty { return Array(text.utf8) }
        guard let path = value(of: variable, in: environment) else {
            throw ManagerAddressError(
                field: variable, reason: "not set; it must name the file with the manager's certificate authority")
        }
        do {
            return try SmallFile.read(path, limit: 1 << 20)
        } catch {
            throw ManagerAddressError(field: variable, reason: "\(path) \(error.reason)")
        }
    }

    /// A variable that is set to something.
    private static func value(of variable: String, in environment: [String: String]) -> String? {
        guard let text = environment[variable] else { return nil }
        let value = trimmed(text[...])
        return value.isEmpty ? nil : value
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}
