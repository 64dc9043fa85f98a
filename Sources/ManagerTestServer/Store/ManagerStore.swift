public import Operative

/// What the test manager knows. Every object is as the REST service shows it.
public struct ManagerStore: Sendable {
    /// Tokens that are accepted; `nil` accepts everything.
    public var tokens: Set<String>?
    /// Executions by id.
    public var executions: [String: [String: PropertyValue]] = [:]
    /// Operations by task id.
    public var operations: [String: [String: PropertyValue]] = [:]
    /// Task graphs by id.
    public var graphs: [String: [String: PropertyValue]] = [:]
    /// Nodes, in order.
    public var nodes: [[String: PropertyValue]] = []
    /// Node instances by id.
    public var instances: [String: [String: PropertyValue]] = [:]
    /// Blueprints by id.
    public var blueprints: [String: [String: PropertyValue]] = [:]
    /// Deployments by id.
    public var deployments: [String: [String: PropertyValue]] = [:]
    /// Tenants by name.
    public var tenants: [String: [String: PropertyValue]] = [:]
    /// Plugins by id; an archive is the file `plugins/<id>`.
    public var plugins: [String: [String: PropertyValue]] = [:]
    /// Secrets by key.
    public var secrets: [String: String] = [:]
    /// Agents by name.
    public var agents: [String: [String: PropertyValue]] = [:]
    /// Settings, each with `name`, `value` and `scope`.
    public var config: [[String: PropertyValue]] = []
    /// Members of the cluster.
    public var managers: [[String: PropertyValue]] = []
    /// The cluster's brokers.
    public var brokers: [[String: PropertyValue]] = []
    /// The context that the manager was set up with.
    public var providerContext: [String: PropertyValue] = ["cloudify": ["resources_prefix": "", "cloudify_agent": [:]]]
    /// Files by their path below `/resources/`.
    public var files: [String: StoredFile] = [:]
    /// Events that were posted or came of operation states, in order.
    public internal(set) var events: [PropertyValue] = []
    /// Log records that were posted, in order.
    public internal(set) var logs: [PropertyValue] = []
    /// How many updates of instances were refused because of their version.
    public internal(set) var conflicts = 0
    /// Replaces functions in a payload, given the context and the payload; `nil` lets the manager evaluate `get_property`,
    /// `get_attribute` and `concat` itself.
    public var evaluate: (@Sendable (_ context: PropertyValue, _ payload: PropertyValue) -> PropertyValue)?
    /// Events and log records in order, as the list of events shows them.
    var records: [[String: PropertyValue]] = []
    /// The ids of the operations, in the order of their creation.
    var operationOrder: [String] = []
    /// The tokens of the executions that were started here.
    var executionTokens: [String: String] = [:]

    /// Bodies of log records and events beyond so many bytes are refused with 413.
    public var largestBody = Int.max

    /// A manager that knows nothing.
    public init() {}

    /// Adds a node instance at version 1.
    public mutating func addInstance(
        _ id: String, node: String, deployment: String = "dep1", properties: [String: PropertyValue] = [:],
        relationships: [PropertyValue] = [], host: String? = nil
    ) {
        instances[id] = [
            "id": .string(id), "node_id": .string(node), "deployment_id": .string(deployment),
            "host_id": host.map { .string($0) } ?? .null, "index": 1, "relationships": .array(relationships),
            "runtime_properties": .object(properties), "system_properties": [:], "scaling_groups": [],
            "state": "uninitialized", "version": 1, "tenant_name": "default_tenant", "created_by": "admin",
            "visibility": "tenant", "private_resource": false, "resource_availability": "tenant",
            "is_status_check_ok": true, "has_configuration_drift": false,
        ]
    }

    /// Adds a node with one instance planned.
    public mutating func addNode(
        _ id: String, deployment: String = "dep1", properties: [String: PropertyValue] = [:],
        types: [String] = ["cloudify.nodes.Root"], relationships: [PropertyValue] = []
    ) {
        nodes.append([
            "id": .string(id), "deployment_id": .string(deployment), "blueprint_id": "bp1", "host_id": nil,
            "type": .string(types.last ?? ""), "type_hierarchy": .array(types.map { .string($0) }),
            "properties": .object(properties), "relationships": .array(relationships), "operations": [:],
            "plugins": [], "plugins_to_install": [], "number_of_instances": 1,
        ])
    }
}
