/// Runtime properties with the version by which the manager detects concurrent changes.
package struct VersionedProperties: Sendable, Hashable {
    package let properties: [String: PropertyValue]
    package let version: Int

    package init(properties: [String: PropertyValue], version: Int) {
        self.properties = properties
        self.version = version
    }
}
