public import Operative

/// What the manager of a test knows besides nodes and instances. Fields are those of a manager's REST API.
public struct TestManager: Sendable {
    /// The content of resources, by their path.
    public var resources: [String: String] = [:]
    /// Values of the configuration, by their name. All are for the scope `workflow`.
    public var configuration: [String: PropertyValue] = [:]
    /// Addresses of managers, all in the network `default`.
    public var managers = ["localhost"]
    /// Addresses of brokers, all in the network `default`.
    public var brokers = ["localhost"]
    /// The status of executions, by their id. That of the task itself is `started` unless it is here.
    public var executions: [String: ExecutionStatus] = [:]
    /// What is known of the tenant besides its name.
    public var tenant: [String: PropertyValue] = [:]
    /// The provider context.
    public var providerContext: [String: PropertyValue] = [:]
    /// The bootstrap context.
    public var bootstrapContext: [String: PropertyValue] = [:]

    /// Creates a manager that knows nothing.
    public init() {}
}
