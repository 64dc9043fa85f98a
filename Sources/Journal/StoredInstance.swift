/// The runtime properties of a node instance as they are stored.
public struct StoredInstance: Sendable, Hashable {
    /// The properties, as the JSON text that was stored.
    public let json: [UInt8]
    /// How often they have been stored, from 1.
    public let version: Int
}
