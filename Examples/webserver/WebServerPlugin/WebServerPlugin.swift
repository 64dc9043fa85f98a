public import Operative

/// The Cloudify guide's first plugin in Swift: a web server on the agent's machine.
///
/// Node properties: `port` (required), `bind` (the address to listen on, default `127.0.0.1`), `text` (what the page says).
public struct WebServerPlugin: Plugin {
    /// The plugin's name.
    public static let name = "webserver"
    /// The plugin's version.
    public static let version = "1.0.0"

    /// The plugin.
    public init() {}

    /// What the plugin can do.
    public var operations: [Operation] {
        Operation("webserver.start", start)
        Operation("webserver.stop", stop)
    }

    private func start(_ ctx: OperationContext) async throws {
        let settings = try WebServerSettings(try await ctx.node.properties)
        let root = try TemporaryDirectory.create(prefix: "operative-webserver")
        try root.write(WebPage.html(settings.text), to: "index.html")
        ctx.logger.info("Starting a web server", metadata: ["port": "\(settings.port)", "root": "\(root.path)"])

        let pid = try await BackgroundProcess.start(
            "python3", ["-m", "http.server", String(settings.port), "--bind", settings.bind],
            workingDirectory: root.path, log: "\(root.path)/server.log")
        // Kept before anything can fail from here on, so that `stop` finds what there is to clean up.
        try await ctx.instance.modifyRuntimeProperties { properties in
            properties["root"] = .string(root.path)
            properties["pid"] = .integer(Int(pid))
        }
        try await ctx.instance.update()

        guard await HTTPProbe.answers(address: settings.bind, port: settings.port, within: .seconds(10)) else {
            let log = root.read("server.log") ?? ""
            throw NonRecoverableError(
                "The web server does not answer on port \(settings.port). Its log: \(log.suffix(500))")
        }
        ctx.sendEvent("Web server is up on port \(settings.port)")
    }

    private func stop(_ ctx: OperationContext) async throws {
        let properties = try await ctx.instance.runtimeProperties
        if let pid = properties["pid"]?.intValue.flatMap(Int32.init(exactly:)) {
            try await BackgroundProcess.stop(pid, whoseCommandLineContains: "http.server")
        }
        if let root = properties["root"]?.stringValue {
            TemporaryDirectory(path: root).remove()
        }
        try await ctx.instance.modifyRuntimeProperties { properties in
            properties["pid"] = nil
            properties["root"] = nil
        }
        ctx.logger.info("Web server stopped")
    }
}
