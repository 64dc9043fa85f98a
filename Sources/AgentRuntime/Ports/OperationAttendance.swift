package import Operative

/// What a manager is asked and told around one operation (Cloudify agent protocol, 2.3).
///
/// Whoever implements it waits for as long as the manager is out of reach; cancelling the task ends the wait.
package protocol OperationAttendance: Sendable {
    /// How far the task's execution is; nil when it belongs to none.
    func executionStatus() async throws(AttendanceError) -> ExecutionStatus?

    /// How far the operation is by the manager's record of it; nil when there is none, so that states must not be stored either.
    func recordedState() async throws(AttendanceError) -> OperationState?

    /// Stores how far the operation is.
    func store(_ state: OperationState) async throws(AttendanceError)

    /// Brings what the operation needs on this machine up to date.
    func fetchFiles() async throws(AttendanceError)

    /// Hands over the files that the operation has changed.
    func handOverFiles() async throws(AttendanceError)

    /// The inputs with their functions evaluated; the same when there are none to evaluate.
    func evaluate(_ inputs: [String: PropertyValue]) async throws(AttendanceError) -> [String: PropertyValue]

    /// Whether inputs need ``evaluate(_:)``.
    var hasFunctions: Bool { get }
}
