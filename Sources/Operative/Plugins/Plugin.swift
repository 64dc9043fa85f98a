/// A named set of operations.
///
/// ```swift
/// struct WebServerPlugin: Plugin {
///     static let name = "webserver"
///     static let version = "1.0.0"
///
///     var operations: [Operation] {
///         Operation("webserver.start") { ctx in
///             guard try await isListening() else { try ctx.operation.retry(after: .seconds(5), message: "not listening yet") }
///         }
///     }
/// }
/// ```
///
/// One value serves all operations, several at a time; keep mutable state in an actor.
public protocol Plugin: Sendable {
    /// The name of the plugin, unique within an agent.
    static var name: String { get }
    /// The version of the plugin, as shown to operators.
    static var version: String { get }
    /// The operations the plugin offers. Read once, when the agent starts.
    @OperationsBuilder var operations: [Operation] { get }
}
