public import Operative

/// The Cloudify guide's asynchronous operation: something slow is started once, and the operation comes back until it is there.
///
/// Waiting costs nothing: between two attempts the task lies in the broker and the agent's slots are free for others.
/// Node properties: `boot_seconds` (how long the machine takes, default 3), `poll_seconds` (the pause between two looks, default 1).
public struct MachinePlugin: Plugin {
    /// The plugin's name.
    public static let name = "machine"
    /// The plugin's version.
    public static let version = "1.0.0"

    /// The plugin.
    public init() {}

    /// What the plugin can do.
    public var operations: [Operation] {
        Operation("machine.start", start)
        Operation("machine.touch") { ctx in
            ctx.logger.info("Something else got its turn")
        }
        // A package manager goes on where it was interrupted; a disk that is half formatted is for a person to look at.
        Operation("machine.upgrade", inputs: LongWork.self, resumable: true) { ctx, work in
            try await work.run("Upgrading packages", ctx)
        }
        Operation("machine.format", inputs: LongWork.self) { ctx, work in try await work.run("Formatting a disk", ctx) }
    }

    private func start(_ ctx: OperationContext) async throws {
        let properties = try await ctx.node.properties
        let bootSeconds = properties["boot_seconds"]?.doubleValue ?? 3
        let pollSeconds = properties["poll_seconds"]?.doubleValue ?? 1
        guard bootSeconds >= 0, bootSeconds < 86_400, pollSeconds >= 0, pollSeconds < 86_400 else {
            throw NonRecoverableError("Node properties 'boot_seconds' and 'poll_seconds' must be seconds within a day.")
        }
        guard let marker = try await ctx.instance.runtimeProperties["marker"]?.stringValue else {
            let directory = try TemporaryDirectory.create(prefix: "operative-machine")
            let marker = "\(directory.path)/running"
            _ = try await BackgroundProcess.start(
                "sh", ["-c", "sleep \(bootSeconds); touch running"], workingDirectory: directory.path, log: "/dev/null")
            try await ctx.instance.modifyRuntimeProperties { $0["marker"] = .string(marker) }
            try ctx.operation.retry(after: .seconds(pollSeconds), message: "Machine requested")
        }
        guard TemporaryDirectory.exists(marker) else {
            try ctx.operation.retry(after: .seconds(pollSeconds), message: "Machine is not running yet")
        }
        try await ctx.instance.modifyRuntimeProperties { $0["ip"] = "127.0.0.1" }
        ctx.sendEvent("Machine is running after \(ctx.operation.retryNumber) retries")
    }
}
