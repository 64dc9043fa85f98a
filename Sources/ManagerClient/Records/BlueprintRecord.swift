public import Operative

/// A blueprint on the manager.
public struct BlueprintRecord: Sendable, Hashable {
    /// Who may see it: `private`, `tenant` or `global`; `nil` when the manager does not say.
    public let visibility: String?
    /// The tenant it belongs to; `nil` when the manager does not say.
    public let tenantName: String?
    /// All that the manager says about it.
    public let fields: [String: PropertyValue]

    /// The blueprints behind the namespaces of its imports.
    public var namespaces: [String: String] {
        (fields["plan"]?["namespaces_mapping"]?.objectValue ?? [:]).compactMapValues { $0.stringValue }
    }

    init(_ fields: RecordFields) throws(ManagerError) {
        visibility = try fields.optionalString("visibility")
        tenantName = try fields.optionalString("tenant_name")
        self.fields = fields.members
    }
}
