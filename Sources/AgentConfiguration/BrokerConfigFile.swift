package import Operative

/// `broker_config.json`, from which a Cloudify agent knows its broker. A value that Python takes for false leaves the default, and keys
/// that nobody knows are left alone.
package struct BrokerConfigFile {
    /// The name of the file in the agent's working directory.
    package static let name = "broker_config.json"

    private let path: String
    /// The object in the file.
    package let members: [String: PropertyValue]
    /// The same in Operative's settings.
    private(set) var settings: [String: SettingValue] = [:]

    /// Reads the file.
    ///
    /// - Throws: When it cannot be read, is no JSON object, or has a value of the wrong type.
    package init(reading path: String) throws(ConfigurationError) {
        self.path = path
        let bytes: [UInt8]
        do {
            bytes = try LocalFile.read(path, limit: 1 << 20).bytes
        } catch {
            throw ConfigurationError(
                key: nil, source: .file(path: path, line: nil), message: error.message,
                remedy:
                    "cfy-agent writes it when it configures the agent; AGENT_WORK_DIR names the directory it lies in")
        }
        do {
            guard let members = try PropertyValue(json: bytes).objectValue else {
                throw ConfigurationError(
                    key: nil, source: .file(path: path, line: nil), message: "is no JSON object",
                    remedy: #"write {"broker_hostname": ["host"], …}"#)
            }
            self.members = members
        } catch let error as ConfigurationError {
            throw error
        } catch {
            throw ConfigurationError(
                key: nil, source: .file(path: path, line: nil), message: "is not JSON: \(error)",
                remedy: "correct it, or let cfy-agent write it again")
        }
        try readHosts()
        try readText("broker_username", "broker.username")
        try readText("broker_password", "broker.password")
        try readText("broker_vhost", "broker.virtual_host")
        try readNumber("broker_port", "broker.port", remedy: "write a port from 1 to 65535") { "\($0)" }
        try readNumber("broker_heartbeat", "broker.heartbeat", remedy: "write whole seconds from 1 to 3600") {
            "\($0)s"
        }
        try readEncryption()
    }

    /// The file with the certificates that may sign the broker's; nil when the file names none.
    package var certificateFile: String? {
        members["broker_cert_path"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
    }

    private mutating func readHosts() throws(ConfigurationError) {
        let key = "broker_hostname"
        guard let value = value(key) else { return }
        let hosts = value.arrayValue ?? [value]
        var texts: [String] = []
        for host in hosts {
            guard let text = host.stringValue, !text.isEmpty else {
                throw error(
                    key, "is neither a host nor a list of hosts", remedy: #"write "host" or ["host1", "host2"]"#)
            }
            texts.append(text)
        }
        settings["broker.hosts"] = SettingValue(list: texts, source: source(key))
    }

    private mutating func readText(_ key: String, _ setting: String) throws(ConfigurationError) {
        guard let value = value(key) else { return }
        guard let text = value.stringValue else {
            throw error(key, "is no text", remedy: "write it in quotes")
        }
        settings[setting] = SettingValue(text, source: source(key))
    }

    private mutating func readNumber(
        _ key: String, _ setting: String, remedy: String, _ text: (Int) -> String
    ) throws(ConfigurationError) {
        guard let value = value(key) else { return }
        guard let number = value.intValue else { throw error(key, "is no whole number", remedy: remedy) }
        settings[setting] = SettingValue(text(number), source: source(key))
    }

    private mutating func readEncryption() throws(ConfigurationError) {
        let key = "broker_ssl_enabled"
        guard let value = value(key) else { return }
        guard value.boolValue == true else { throw error(key, "is no truth value", remedy: "write true or false") }
        settings["broker.tls.enabled"] = SettingValue("true", source: source(key))
        let certificate = "broker_cert_path"
        guard let path = self.value(certificate) else {
            throw error(
                certificate, "is not set although broker_ssl_enabled is true",
                remedy: "name the PEM file with the authority that signed the broker's certificate")
        }
        guard let text = path.stringValue else { throw error(certificate, "is no text", remedy: "name a PEM file") }
        settings["broker.tls.ca_file"] = SettingValue(text, source: source(certificate))
    }

    /// The value of a key; nil when it is absent or what Python takes for false.
    private func value(_ key: String) -> PropertyValue? {
        guard let value = members[key] else { return nil }
        let isFalse =
            switch value {
            case .null: true
            case .bool(let truth): !truth
            case .integer(let number): number == 0
            case .double(let number): number == 0
            case .string(let text): text.isEmpty
            case .array(let elements): elements.isEmpty
            case .object(let members): members.isEmpty
            }
        if isFalse { return nil }
        return value
    }

    private func source(_ key: String) -> SettingSource { .entry(path: path, key: key) }

    private func error(_ key: String, _ message: String, remedy: String) -> ConfigurationError {
        ConfigurationError(key: nil, source: source(key), message: message, remedy: remedy)
    }
}
