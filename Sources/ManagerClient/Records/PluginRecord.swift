public import Operative

/// A plugin on the manager.
public struct PluginRecord: Sendable, Hashable {
    /// Its id.
    public let id: String
    /// Its package; `nil` when the manager does not say.
    public let packageName: String?
    /// Its version; `nil` when the manager does not say.
    public let packageVersion: String?
    /// All that the manager says about it.
    public let fields: [String: PropertyValue]

    init(_ fields: RecordFields) throws(ManagerError) {
        id = try fields.string("id")
        packageName = try fields.optionalString("package_name")
        packageVersion = try fields.optionalString("package_version")
        self.fields = fields.members
    }
}
