/// What is known of a task when an operation is looked for.
package struct TaskDescription: Sendable, Hashable {
    /// The name by which the task asks for an operation, such as `plugin.tasks.create`.
    package let taskName: String
    /// The kind of task, usually `operation`; nil when the sender does not say.
    package let type: String?

    package init(taskName: String, type: String? = nil) {
        self.taskName = taskName
        self.type = type
    }
}
