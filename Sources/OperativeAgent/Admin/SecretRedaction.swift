internal import Operative

/// Takes secrets out of what the journal shows: it holds tasks and outcomes as they came, tokens and passwords included.
enum SecretRedaction {
    static let mark = "[redacted]"

    /// A key that contains one of these names a secret, in whatever spelling.
    private static let words = [
        "token", "password", "passwd", "passphrase", "secret", "privatekey", "credential", "apikey", "accesskey",
        "authorization", "sshkey",
    ]

    /// The value without its secrets, at every depth; also in texts that are JSON themselves.
    static func redacted(_ value: PropertyValue) -> PropertyValue {
        switch value {
        case .object(let members):
            .object(
                Dictionary(
                    members.map { key, member in
                        (key, isSecret(key) && !member.isNull ? .string(mark) : redacted(member))
                    }, uniquingKeysWith: { $1 }))
        case .array(let elements): .array(elements.map(redacted))
        case .string(let text): .string(redacted(text))
        default: value
        }
    }

    /// The text without credentials in URLs, without private keys, and without what follows `password=` and the like.
    static func redacted(_ text: String) -> String {
        if text.hasPrefix("{") || text.hasPrefix("["), let inner = try? PropertyValue(json: Array(text.utf8)) {
            return redacted(inner).jsonString
        }
        if text.contains("PRIVATE KEY-----") { return mark }
        return
            text
            .replacing(/([A-Za-z][A-Za-z0-9+.\-]*:\/\/)\S*@/) { "\($0.output.1)\(mark)@" }
            .replacing(
                /(?i)([a-z_\-]*(?:token|password|passwd|passphrase|secret|api_?key|access_?key)[a-z_\-]*["']?\s*[=:]\s*["']?)[^\s&"',;}\]]+/
            ) { "\($0.output.1)\(mark)" }
            .replacing(/(?i)(bearer\s+)\S+/) { "\($0.output.1)\(mark)" }
    }

    private static func isSecret(_ key: String) -> Bool {
        let plain = key.lowercased().filter { $0 != "_" && $0 != "-" && $0 != " " && $0 != "." }
        return words.contains { plain.contains($0) }
    }
}
