/// Where a manager's REST service and file server are, and whom to trust there.
///
/// Two tasks with equal addresses share their connections.
public struct ManagerAddress: Sendable, Hashable, CustomStringConvertible {
    /// How to speak to a manager.
    public enum Scheme: String, Sendable, Hashable {
        /// Without encryption.
        case http
        /// Over TLS that verifies chain and name.
        case https
    }

    /// How to speak to the REST service.
    public let scheme: Scheme
    /// How to speak to the file server, the same unless `MANAGER_FILE_SERVER_SCHEME` says otherwise.
    public let fileServerScheme: Scheme
    /// The members of the cluster, each a name or an IP address without brackets; at least one.
    public let hosts: [String]
    /// The port of all of them.
    public let port: Int
    /// The certificate authorities that may vouch for them, as PEM text.
    public let certificateAuthority: [UInt8]

    /// How many hosts a list may have.
    public static let maximumHosts = 63

    /// Puts an address together.
    ///
    /// - Throws: ``ManagerAddressError`` naming the part that cannot be used.
    public init(
        scheme: Scheme, hosts: [String], port: Int, certificateAuthority: [UInt8] = [], fileServerScheme: Scheme? = nil
    ) throws(ManagerAddressError) {
        try self.init(
            scheme: scheme, hosts: hosts, hostsField: "hosts", port: port, portField: "port",
            certificateAuthority: certificateAuthority, fileServerScheme: fileServerScheme ?? scheme)
    }

    init(
        scheme: Scheme, hosts: [String], hostsField: String, port: Int, portField: String,
        certificateAuthority: [UInt8], fileServerScheme: Scheme
    ) throws(ManagerAddressError) {
        guard !hosts.isEmpty else {
            throw ManagerAddressError(field: hostsField, reason: "no host of the manager is known")
        }
        guard hosts.count <= Self.maximumHosts else {
            throw ManagerAddressError(
                field: hostsField, reason: "\(hosts.count) hosts are too many; at most \(Self.maximumHosts) are used")
        }
        var names: [String] = []
        for host in hosts {
            names.append(try Self.hostName(host, field: hostsField))
        }
        guard (1...65_535).contains(port) else {
            throw ManagerAddressError(field: portField, reason: "\(port) is no port; it must be from 1 to 65535")
        }
        self.scheme = scheme
        self.fileServerScheme = fileServerScheme
        self.hosts = names
        self.port = port
        self.certificateAuthority = certificateAuthority
    }

    /// Names the hosts and the port.
    public var description: String {
        hosts.map { "\(scheme.rawValue)://\(Self.bracketed($0)):\(port)" }.joined(separator: ", ")
    }

    /// The beginning of every URL on a host.
    func origin(host index: Int, ofFileServer: Bool) -> String {
        let scheme = ofFileServer ? fileServerScheme : scheme
        return "\(scheme.rawValue)://\(Self.bracketed(hosts[index])):\(port)"
    }

    private static func bracketed(_ host: String) -> String { host.contains(":") ? "[\(host)]" : host }

    /// A host without brackets. Everything that could change the meaning of a URL is refused.
    private static func hostName(_ text: String, field: String) throws(ManagerAddressError) -> String {
        var name = text[...]
        if name.hasPrefix("["), name.hasSuffix("]") { name = name.dropFirst().dropLast() }
        guard !name.isEmpty else {
            throw ManagerAddressError(field: field, reason: "a host is empty")
        }
        let isAddress = name.contains(":")
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            case UInt8(ascii: ":"), UInt8(ascii: "%"): isAddress
            default: false
            }
        }
        guard isPlain, name.utf8.count <= 253, !isAddress || name.count(where: { $0 == ":" }) >= 2 else {
            throw ManagerAddressError(
                field: field, reason: "'\(text.prefix(80))' is no host name and no IP address (the port is given apart)"
            )
        }
        return String(name)
    }
}
