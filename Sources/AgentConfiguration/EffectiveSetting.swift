/// A setting with the value that is in force, for people to read.
public struct EffectiveSetting: Sendable, Hashable {
    /// The dotted key.
    public let key: String
    /// The value as it would be written in the file, a placeholder for secrets, or nil when the setting is not set.
    public let value: String?
    /// The layer that decided.
    public let source: SettingSource
}
