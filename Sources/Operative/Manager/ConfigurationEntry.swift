/// One value of the manager's configuration.
public struct ConfigurationEntry: Sendable, Hashable {
    /// Everything that the manager says, by the names of its REST API.
    public let fields: [String: PropertyValue]

    package init(_ fields: [String: PropertyValue]) { self.fields = fields }

    /// The name; empty when the manager does not say.
    public var name: String { fields["name"]?.stringValue ?? "" }
    /// The value.
    public var value: PropertyValue { fields["value"] ?? .null }
    /// The parts of the manager that it is for.
    public var scope: [String] { fields["scope"]?.arrayValue?.compactMap(\.stringValue) ?? [] }
}
