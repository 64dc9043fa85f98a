/// A broker's host and port.
public struct BrokerEndpoint: Sendable, Hashable, CustomStringConvertible {
    /// A host name or an address, IPv6 without brackets.
    public let host: String
    /// The TCP port.
    public let port: Int

    /// An endpoint.
    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// `host:port`, with IPv6 addresses in brackets.
    public var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// Reads `host`, `host:port`, `[address]`, `[address]:port` or a bare IPv6 address.
    ///
    /// - Returns: nil when the text is none of these.
    init?(_ text: String, defaultPort: Int) {
        var host = text[...]
        var portText: Substring?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
            portText = rest.isEmpty ? nil : rest.dropFirst()
            guard host.contains(":") else { return nil }
        } else if let colon = text.firstIndex(of: ":"), text[colon...].count(where: { $0 == ":" }) == 1 {
            host = text[..<colon]
            portText = text[text.index(after: colon)...]
        }
        guard !host.isEmpty, host.allSatisfy(Self.isHostCharacter) else { return nil }
        self.host = String(host)
        if let portText {
            guard portText.allSatisfy({ ("0"..."9").contains($0) }), let port = Int(portText), 1...65_535 ~= port else {
                return nil
            }
            self.port = port
        } else {
            self.port = defaultPort
        }
    }

    private static func isHostCharacter(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || ".-_:%".contains(character)
    }
}
