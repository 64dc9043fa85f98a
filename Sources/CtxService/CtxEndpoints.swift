/// Where a script finds its operation's ctx.
package struct CtxEndpoints: Sendable, Hashable {
    /// Variables for the script's environment. They hold secrets: whoever knows them may speak for the operation while it runs.
    package let environment: [String: String]
    /// A directory with the executables `ctx` and `ctx-sh`, to be put in front of the script's `PATH`.
    package let path: String

    package init(environment: [String: String], path: String) {
        self.environment = environment
        self.path = path
    }
}
