/// What a registry knows about one plugin.
public struct RegisteredPlugin: Sendable {
    /// The plugin's name.
    public let name: String
    /// The plugin's version.
    public let version: String
    /// The plugin's operations in the order of their declaration.
    public let operations: [Operation]
}
