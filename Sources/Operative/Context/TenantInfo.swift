/// The tenant that owns the deployment.
public struct TenantInfo: Sendable, Hashable {
    /// The name; `nil` when the sender does not say.
    public let name: String?

    package init(name: String? = nil) { self.name = name }
}
