public import Foundation

/// Certificates for tests, made with the `openssl` command: good ones and one for each way to be bad.
///
/// `ca.pem`, `server.pem` and `server.key` have the names that `scripts/rabbitmq-node --tls-dir` wants.
public struct TLSFixture: Sendable {
    /// A certificate with its key.
    public struct Identity: Sendable {
        /// The PEM file of the certificate.
        public let certificate: String
        /// The PEM file of the key.
        public let key: String
    }

    /// Where the files are.
    public let directory: URL

    /// The authority behind everything but ``otherServer``.
    public var ca: String { path("ca.pem") }
    /// An authority that signed only ``otherServer`` and ``otherClient``.
    public var otherCA: String { path("other-ca.pem") }
    /// Good for `localhost`, `127.0.0.1` and `*.broker.test`.
    public var server: Identity { identity("server") }
    /// Good for `elsewhere.test` only.
    public var wrongHostServer: Identity { identity("wrong-host") }
    /// Good for the same names as ``server``, until yesterday.
    public var expiredServer: Identity { identity("expired") }
    /// Good for the same names as ``server``, but signed by ``otherCA``.
    public var otherServer: Identity { identity("other-server") }
    /// A client.
    public var client: Identity { identity("client") }
    /// A client that was signed by ``otherCA``.
    public var otherClient: Identity { identity("other-client") }

    /// Makes the certificates in a fresh directory, which is removed when the process ends.
    public init() async throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        AtExit.run { [directory] in try? FileManager.default.removeItem(at: directory) }
        try await makeAuthority("ca", name: "Test CA")
        try await makeAuthority("other-ca", name: "Other CA")
        let names = "DNS:localhost,DNS:*.broker.test,IP:127.0.0.1"
        try await makeIdentity("server", by: "ca", usage: "serverAuth", names: names)
        try await makeIdentity("wrong-host", by: "ca", usage: "serverAuth", names: "DNS:elsewhere.test")
        try await makeIdentity("expired", by: "ca", usage: "serverAuth", names: names, days: -1)
        try await makeIdentity("other-server", by: "other-ca", usage: "serverAuth", names: names)
        try await makeIdentity("client", by: "ca", usage: "clientAuth", names: nil)
        try await makeIdentity("other-client", by: "other-ca", usage: "clientAuth", names: nil)
    }

    private func path(_ name: String) -> String { directory.appending(path: name).path }

    private func identity(_ name: String) -> Identity {
        Identity(certificate: path("\(name).pem"), key: path("\(name).key"))
    }

    private func makeAuthority(_ file: String, name: String) async throws {
        try await openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
            "-subj", "/CN=\(name)", "-keyout", path("\(file).key"), "-out", path("\(file).pem"),
            "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    }

    private func makeIdentity(
        _ file: String, by authority: String, usage: String, names: String?, days: Int = 30
    ) async throws {
        var extensions = "extendedKeyUsage=\(usage)\nbasicConstraints=CA:FALSE\n"
        if let names { extensions += "subjectAltName=\(names)\n" }
        try Data(extensions.utf8).write(to: directory.appending(path: "\(file).ext"))
        try await openssl(
            "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=\(file)",
            "-keyout", path("\(file).key"), "-out", path("\(file).csr"))
        try await openssl(
            "x509", "-req", "-in", path("\(file).csr"), "-CA", path("\(authority).pem"), "-CAkey",
            path("\(authority).key"),
            "-CAcreateserial", "-days", String(days), "-extfile", path("\(file).ext"), "-out", path("\(file).pem"))
    }

    private func openssl(_ arguments: String...) async throws {
        try await Command.run("openssl", arguments)
    }
}
