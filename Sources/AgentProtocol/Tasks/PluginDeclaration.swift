public import Operative

/// The plugin as the blueprint declares it (Cloudify agent protocol, `__cloudify_context.plugin`).
public struct PluginDeclaration: Sendable, Hashable {
    /// The name in the blueprint.
    public var name: String?
    /// The name of the package.
    public var packageName: String?
    /// The version of the package.
    public var packageVersion: String?
    /// Where the package comes from.
    public var source: String?
    /// Who may see the plugin on the manager.
    public var visibility: String?
    /// The tenant that owns the plugin.
    public var tenantName: String?
    /// The plugin's properties; each is usually an object with the member `value`.
    public var properties: [String: PropertyValue] = [:]

    /// Creates a declaration.
    public init(name: String?) { self.name = name }

    init(_ value: PropertyValue) {
        name = value["name"]?.stringValue
        packageName = value["package_name"]?.stringValue
        packageVersion = value["package_version"]?.stringValue
        source = value["source"]?.stringValue
        visibility = value["visibility"]?.stringValue
        tenantName = value["tenant_name"]?.stringValue
        properties = value["properties"]?.objectValue ?? [:]
    }
}
