/// What was made ready for one attempt of an operation before the manager is told of its start.
package struct OperationPreparation: Sendable {
    /// Whether the operation keeps the manager's record and the deployment's files itself: the agent then does not ask how far the operation
    /// is, fetches and hands over no files, and does not store the end.
    package let keepsRecord: Bool
    /// What the operation wants to find when it runs.
    package let value: any Sendable

    package init(keepsRecord: Bool = false, value: any Sendable) {
        self.keepsRecord = keepsRecord
        self.value = value
    }
}
