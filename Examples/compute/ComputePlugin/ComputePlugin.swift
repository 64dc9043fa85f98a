public import Operative

/// Virtual machines of EC2, and of every endpoint that speaks its query API, as an asynchronous plugin: what takes time is asked for once,
/// and the operation comes back until it is there. Between two looks it holds no slot of the agent.
///
/// Node properties: see ``MachineSettings``. Runtime properties: `machine_id`, `machine_token`, `state`, `ip` and `networks`.
public struct ComputePlugin: Plugin {
    /// The plugin's name.
    public static let name = "compute"
    /// The plugin's version.
    public static let version = "1.0.0"

    /// The plugin.
    public init() {}

    /// What the plugin can do. All of it may be interrupted anywhere and run again: no second machine comes of it.
    public var operations: [Operation] {
        Operation("compute.create", resumable: true) { ctx in try await Machine(ctx).create() }
        Operation("compute.start", resumable: true) { ctx in try await Machine(ctx).start() }
        Operation("compute.get_state", resumable: true) { ctx in try await Machine(ctx).isRunning() }
        Operation("compute.stop", resumable: true) { ctx in try await Machine(ctx).stop() }
        Operation("compute.delete", resumable: true) { ctx in try await Machine(ctx).delete() }
    }
}
