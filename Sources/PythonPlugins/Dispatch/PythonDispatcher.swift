package import OperationProcesses

/// A way to run a plugin's function in a process of its own.
package protocol PythonDispatcher: Sendable {
    /// Runs it until its process has ended; the answer is in `output.json` then. Cancelling the task ends the process and all that it has
    /// started; how it ended is returned then, too.
    ///
    /// - Parameter onStart: called once, when the process is there.
    /// - Throws: ``ProcessFailure`` when there is no process.
    func run(
        _ request: DispatchRequest, onStart: @escaping @Sendable (RunningProcess) async -> Void
    ) async throws -> ProcessEnd
}
