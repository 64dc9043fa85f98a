internal import FoundationEssentials
internal import Operative

/// Where the endpoint is and who asks.
struct EC2Connection: Sendable {
    let endpoint: String
    /// The endpoint's host as the Host header has it: with its port unless that is the scheme's own.
    let host: String
    let region: String
    let credentials: EC2Credentials

    init(_ value: PropertyValue) throws {
        func text(_ key: String) throws -> String {
            guard let text = value[key]?.stringValue, !text.isEmpty else {
                throw NonRecoverableError("Node property 'connection.\(key)' is missing: write it, as text.")
            }
            return text
        }
        region = try text("region")
        credentials = EC2Credentials(
            accessKeyID: try text("access_key_id"), secretAccessKey: try text("secret_access_key"),
            sessionToken: value["session_token"]?.stringValue)
        let endpoint = value["endpoint"]?.stringValue ?? "https://ec2.\(region).amazonaws.com"
        guard let url = URL(string: endpoint), let scheme = url.scheme, ["http", "https"].contains(scheme),
            let name = url.host(), !name.isEmpty, url.path().isEmpty || url.path() == "/"
        else {
            throw NonRecoverableError(
                "Node property 'connection.endpoint' must be a URL without a path, such as https://ec2.eu-central-1.amazonaws.com."
            )
        }
        let bracketed = name.contains(":") && !name.hasPrefix("[") ? "[\(name)]" : name
        host = url.port.map { "\(bracketed):\($0)" } ?? bracketed
        self.endpoint = "\(scheme)://\(host)/"
    }
}
