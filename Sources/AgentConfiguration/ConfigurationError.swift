/// Why a configuration cannot be used, in one line that names the place, the setting and the remedy.
public struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The setting it is about, or nil when it is about the file as a whole.
    public let key: String?
    /// Where the bad value stands.
    public let source: SettingSource
    /// What is wrong. Never contains a secret.
    public let message: String
    /// What to do about it.
    public let remedy: String

    /// `EX_CONFIG` of sysexits(3): starting again without a change cannot help.
    public let exitCode: Int32 = 78

    init(key: String?, source: SettingSource, message: String, remedy: String) {
        self.key = key
        self.source = source
        self.message = message
        self.remedy = remedy
    }

    /// One line: `operative.yaml:3: broker.port: 0 is out of range; write a whole number from 1 to 65535`.
    public var description: String {
        // A flag names its key itself.
        let isNamed = key.map { source == .commandLine(key: $0) } ?? true
        let place = isNamed ? "\(source)" : "\(source): \(key ?? "")"
        return OneLine.text("\(place): \(message); \(remedy)")
    }
}
