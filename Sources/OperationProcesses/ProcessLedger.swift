/// The record of groups that run for operations, so that a later start of the agent can end what a killed one left.
package protocol ProcessLedger: Sendable {
    /// Returns when the record survives the death of the agent. Called before the first instruction of the program.
    func began(_ group: ProcessGroup, owner: String) async throws
    /// Everything that may go of the group is gone.
    func ended(_ group: ProcessGroup) async
}
