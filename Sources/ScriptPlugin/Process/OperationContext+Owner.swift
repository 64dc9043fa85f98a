import Operative

extension OperationContext {
    /// The name under which the record of processes knows this operation.
    var owner: String { (try? task.key) ?? taskID ?? taskName }
}
