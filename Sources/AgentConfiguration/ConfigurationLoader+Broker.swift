/// The part of the loading that is about the broker.
extension ConfigurationLoader {
    mutating func broker() throws(ConfigurationError) -> AgentConfiguration.Broker {
        let hosts = try reader.list(.brokerHosts)
        let isEncrypted = try reader.boolean(.brokerTLSEnabled)
        let port = try reader.integer(.brokerPort, derived: isEncrypted ? 5671 : 5672)
        let endpoints = try endpoints(hosts, port: port)
        let virtualHost = try shortString(.brokerVirtualHost)
        let username = try shortString(.brokerUsername)
        let password = try password()
        let heartbeat = try reader.duration(.brokerHeartbeat)
        guard heartbeat.components.attoseconds == 0 else {
            throw reader.error(.brokerHeartbeat, "is not a whole number of seconds")
        }
        let connectTimeout = try reader.duration(.brokerConnectTimeout)
        let startupTimeout = try reader.duration(.brokerStartupTimeout)
        return AgentConfiguration.Broker(
            endpoints: endpoints, virtualHost: virtualHost, username: username, password: password,
            heartbeat: heartbeat, connectTimeout: connectTimeout,
            startupTimeout: startupTimeout == .zero ? nil : startupTimeout,
            tls: try tls(isEnabled: isEncrypted))
    }

    private func endpoints(_ hosts: [String], port: Int) throws(ConfigurationError) -> [BrokerEndpoint] {
        var endpoints: [BrokerEndpoint] = []
        for host in hosts {
            guard let endpoint = BrokerEndpoint(host, defaultPort: port) else {
                throw reader.error(
                    .brokerHosts, "\(OneLine.quoted(host)) is not a host",
                    remedy: "write host or host:port with a port from 1 to 65535, not a URL")
            }
            endpoints.append(endpoint)
        }
        return endpoints
    }

    private mutating func shortString(_ setting: Setting) throws(ConfigurationError) -> String {
        let text = try reader.text(setting)
        guard text.utf8.count <= 255 else {
            throw reader.error(setting, "is \(text.utf8.count) bytes long", remedy: "write at most 255 bytes")
        }
        return text
    }

    private mutating func password() throws(ConfigurationError) -> Secret {
        let password = Secret(try reader.optionalText(.brokerPassword) ?? "")
        guard let name = try reader.optionalText(.brokerPasswordFile) else { return password }
        if reader.source(of: .brokerPassword).rank > reader.source(of: .brokerPasswordFile).rank { return password }
        let content = try read(.brokerPasswordFile, name)
        if content.isReadableByAll {
            notices.append("broker.password_file \(OneLine.text(name)) is readable by every user of this machine")
        }
        guard let text = String(validating: content.bytes, as: UTF8.self) else {
            throw reader.error(.brokerPasswordFile, "is not UTF-8 text", remedy: "save the password as UTF-8")
        }
        let secret = text.last?.isNewline == true ? String(text.dropLast()) : text
        guard !secret.isEmpty else {
            throw reader.error(.brokerPasswordFile, "is empty", remedy: "write the password into it")
        }
        guard !secret.utf8.contains(0) else {
            throw reader.error(.brokerPasswordFile, "contains a NUL", remedy: "write the password as text")
        }
        return Secret(secret)
    }

    private mutating func tls(isEnabled: Bool) throws(ConfigurationError) -> AgentConfiguration.BrokerTLS? {
        let caFile = try reader.optionalText(.brokerTLSCAFile)
        let certificateFile = try reader.optionalText(.brokerTLSCertificateFile)
        let privateKeyFile = try reader.optionalText(.brokerTLSPrivateKeyFile)
        let serverName = try reader.optionalText(.brokerTLSServerName)
        guard isEnabled else {
            if caFile != nil || certificateFile != nil || privateKeyFile != nil || serverName != nil {
                notices.append("broker.tls.* is set but broker.tls.enabled is false: the connection is not encrypted")
            }
            return nil
        }
        guard let caFile else {
            throw reader.error(
                .brokerTLSCAFile, "is not set although broker.tls.enabled is true",
                remedy: "name the PEM file with the authority that signed the broker's certificate")
        }
        guard certificateFile == nil || privateKeyFile != nil else {
            throw reader.error(
                .brokerTLSPrivateKeyFile, "is not set although broker.tls.certificate_file is",
                remedy: "set both or neither")
        }
        guard privateKeyFile == nil || certificateFile != nil else {
            throw reader.error(
                .brokerTLSCertificateFile, "is not set although broker.tls.private_key_file is",
                remedy: "set both or neither")
        }
        return AgentConfiguration.BrokerTLS(
            caFile: try pem(.brokerTLSCAFile, caFile, containing: "CERTIFICATE-----"),
            certificateFile: try optionalPEM(
                .brokerTLSCertificateFile, certificateFile, containing: "CERTIFICATE-----"),
            privateKeyFile: try optionalPEM(.brokerTLSPrivateKeyFile, privateKeyFile, containing: "PRIVATE KEY-----"),
            serverName: serverName)
    }

    private func optionalPEM(
        _ setting: Setting,
        _ name: String?,
        containing marker: String
    ) throws(ConfigurationError) -> String? {
        guard let name else { return nil }
        return try pem(setting, name, containing: marker)
    }

    private func pem(_ setting: Setting, _ name: String, containing marker: String) throws(ConfigurationError) -> String
    {
        let text = String(decoding: try read(setting, name).bytes, as: UTF8.self)
        guard text.contains("-----BEGIN "), text.contains(marker) else {
            throw reader.error(
                setting, "\(OneLine.quoted(name)) has no \(marker.dropLast(5).lowercased()) in PEM form",
                remedy: "name a file with a -----BEGIN …\(marker) block")
        }
        // OpenSSL would ask for the pass phrase on a terminal, and wait for ever.
        guard !text.contains("ENCRYPTED") else {
            throw reader.error(
                setting, "\(OneLine.quoted(name)) is protected by a pass phrase", remedy: "store it without one")
        }
        return path(of: name)
    }

    private func read(_ setting: Setting, _ name: String) throws(ConfigurationError) -> LocalFile.Content {
        do {
            return try LocalFile.read(path(of: name), limit: 1 << 20)
        } catch {
            throw reader.error(
                setting, "\(OneLine.quoted(name)) \(error.message)", remedy: "name a file the agent's user may read")
        }
    }

    /// Relative names mean a systemd credential when there is one of that name.
    private func path(of name: String) -> String {
        guard !name.hasPrefix("/"), let directory = environment["CREDENTIALS_DIRECTORY"], !directory.isEmpty else {
            return name
        }
        let credential = "\(directory)/\(name)"
        return LocalFile.exists(credential) ? credential : name
    }
}
