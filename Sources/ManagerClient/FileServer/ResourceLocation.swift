/// Whose resources are looked for.
public struct ResourceLocation: Sendable, Hashable {
    /// The tenant.
    public let tenant: String
    /// The deployment, whose folder is looked into first; `nil` when there is none.
    public let deployment: String?
    /// The blueprint, whose folder is looked into next; `nil` when there is none.
    public let blueprint: String?

    /// Puts a location together.
    public init(tenant: String, deployment: String?, blueprint: String?) {
        self.tenant = tenant
        self.deployment = deployment
        self.blueprint = blueprint
    }
}
