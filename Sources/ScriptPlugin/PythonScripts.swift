package import Operative

/// Runs scripts that are Python. They need Python itself: their `ctx` is an object of `cloudify-common`.
package protocol PythonScripts: Sendable {
    /// Whether a text is Python. See ``PythonSyntaxCheck``.
    ///
    /// - Throws: when no Python can be asked.
    func isPython(_ source: String, _ context: OperationContext) async throws -> Bool

    /// Runs the task of `context` as it came, by the script runner of `cloudify-common`.
    ///
    /// - Returns: the task's result.
    /// - Throws: what the script has thrown, as the manager is to be told.
    func run(_ context: OperationContext, _ inputs: [String: PropertyValue]) async throws -> PropertyValue
}
