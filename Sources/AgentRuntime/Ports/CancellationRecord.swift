/// Remembers cancelled executions, over restarts of the agent, for attempts that wait in the broker meanwhile.
package protocol CancellationRecord: Sendable {
    /// Names this record, so that an epoch of another one is not taken for one of its own.
    var storeID: String { get }
    /// The number of the newest cancellation; it only ever grows.
    var currentEpoch: Int64 { get }
    /// Of how many executions it is remembered that they were cancelled.
    var count: Int { get }
    /// Remembers that everything of this execution that was sent before now is cancelled. Returns when a kill cannot undo it.
    ///
    /// - Throws: when it cannot be written. It holds all the same, but only for as long as this process lives, or until `writeRemembered()` has succeeded.
    func record(executionID: String) throws
    /// Writes what `record` could not write.
    ///
    /// - Throws: when that still cannot be done.
    func writeRemembered() throws
    /// Whether the execution was cancelled after the given epoch.
    func isCancelled(executionID: String, after epoch: Int64) -> Bool
}
