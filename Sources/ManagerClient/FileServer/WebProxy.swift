/// The proxy that the environment names for an address, as Python's `requests` reads it: `http_proxy`, `https_proxy`, `all_proxy`,
/// `no_proxy`, in small letters or in capitals.
struct WebProxy: Sendable, Hashable {
    let host: String
    let port: Int
    /// What the proxy is told of who asks; nil for nothing.
    let user: String?
    let password: String?

    /// - Returns: nil when there is none for this address.
    init?(for url: String, environment: [String: String]) {
        func variable(_ name: String) -> String? {
            (environment[name] ?? environment[name.uppercased()]).flatMap { $0.isEmpty ? nil : $0 }
        }
        let address = Address(url)
        guard let scheme = address.scheme, !Self.isExcluded(address, variable("no_proxy") ?? ""),
            let proxy = variable("\(scheme)_proxy") ?? variable("all_proxy")
        else { return nil }
        let server = Address(proxy)
        guard server.scheme == nil || server.scheme == "http", !server.host.isEmpty else { return nil }
        host = server.host
        port = server.port ?? 80
        user = server.user
        password = server.password
    }

    private static func isExcluded(_ address: Address, _ list: String) -> Bool {
        let host = address.host.lowercased()
        return list.lowercased().split(separator: ",").contains { entry in
            var name = entry.drop { $0 == " " }
            while name.last == " " { name.removeLast() }
            if name == "*" { return true }
            while name.first == "." { name = name.dropFirst() }
            guard !name.isEmpty else { return false }
            return [host, address.port.map { "\(host):\($0)" } ?? host].contains {
                $0 == name || $0.hasSuffix(".\(name)")
            }
        }
    }

    /// The parts of an address that say where a server is.
    private struct Address {
        var scheme: String?
        var user: String?
        var password: String?
        let host: String
        let port: Int?

        init(_ text: String) {
            let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { scheme = parts[0].lowercased() }
            var rest = (parts.last ?? "").prefix { !"/?#".contains($0) }
            if let at = rest.lastIndex(of: "@") {
                let words = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                user = words.first.map(Self.decoded)
                password = words.count > 1 ? Self.decoded(words[1]) : ""
                rest = rest[rest.index(after: at)...]
            }
            if let colon = rest.lastIndex(of: ":"), !rest[colon...].contains("]") {
                port = Int(rest[rest.index(after: colon)...])
                rest = rest[..<colon]
            } else {
                port = nil
            }
            if rest.hasPrefix("["), rest.hasSuffix("]") { rest = rest.dropFirst().dropLast() }
            host = String(rest)
        }

        private static func decoded(_ text: Substring) -> String {
            var bytes: [UInt8] = []
            var rest = Array(text.utf8)[...]
            while let byte = rest.popFirst() {
                if byte == UInt8(ascii: "%"), rest.count > 1,
                    let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
                {
                    bytes.append(value)
                    rest = rest.dropFirst(2)
                } else {
                    bytes.append(byte)
                }
            }
            return String(decoding: bytes, as: UTF8.self)
        }
    }
}
