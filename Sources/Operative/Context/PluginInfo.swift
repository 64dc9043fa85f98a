/// The plugin as the blueprint declares it, which need not be the plugin that serves the operation.
public struct PluginInfo: Sendable, Hashable {
    /// The name in the blueprint.
    public let name: String
    /// The name of the package; `nil` when not declared.
    public let packageName: String?
    /// The version of the package; `nil` when not declared.
    public let packageVersion: String?
    /// Where the package comes from; `nil` when not declared.
    public let source: String?
    /// The plugin's properties as sent. Each is usually an object with the member `value`.
    public let properties: [String: PropertyValue]

    package init(
        name: String, packageName: String? = nil, packageVersion: String? = nil, source: String? = nil,
        properties: [String: PropertyValue] = [:]
    ) {
        self.name = name
        self.packageName = packageName
        self.packageVersion = packageVersion
        self.source = source
        self.properties = properties
    }
}
