/// One thing that can be configured: its key, what it takes and what it means.
///
/// The settings in ``Setting/all`` are the only list of keys there is. Reading, unknown-key detection, the help text,
/// `config/operative.yaml` and the reference in `docs/configuration.md` all come from it.
public struct Setting: Sendable {
    /// What a setting is worth when no layer mentions it.
    public enum Fallback: Sendable, Hashable {
        /// A fixed default, written the way a user would write it.
        case value(String)
        /// A default that is only known at run time; the text says how it is found.
        case derived(String)
        /// Nothing: the setting is optional.
        case none
    }

    /// The dotted key, for example `broker.tls.ca_file`.
    public let key: String
    /// What values the setting takes.
    public let kind: SettingKind
    /// What applies when the setting is not given.
    public let fallback: Fallback
    /// Whether the value must never be shown.
    public let isSecret: Bool
    /// One sentence that says what the setting does.
    public let summary: String
    /// What else there is to know, or an empty text.
    public let details: String
    /// Keys of settings to read together with this one.
    public let seeAlso: [String]

    init(
        _ key: String,
        _ kind: SettingKind,
        _ fallback: Fallback,
        isSecret: Bool = false,
        _ summary: String,
        details: String = "",
        seeAlso: [String] = []
    ) {
        self.key = key
        self.kind = kind
        self.fallback = fallback
        self.isSecret = isSecret
        self.summary = summary
        self.details = details
        self.seeAlso = seeAlso
    }

    /// The environment variable that sets it, for example `OPERATIVE_BROKER_TLS_CA_FILE`.
    public var environmentVariable: String {
        Self.environmentPrefix + key.uppercased().replacing(".", with: "_")
    }

    /// The default in words, for documentation.
    public var fallbackText: String {
        switch fallback {
        case .value(let text): text
        case .derived(let text): text
        case .none: "not set"
        }
    }

    /// The key without its section.
    var lastComponent: String {
        key.split(separator: ".").last.map(String.init) ?? key
    }

    /// The sections the key lives in, outermost first.
    var sections: [String] {
        key.split(separator: ".").dropLast().map(String.init)
    }

    static let environmentPrefix = "OPERATIVE_"
}
