/// A task that an earlier process of this agent had taken over from the broker and not brought to its end.
package struct UnfinishedTask: Sendable, Hashable {
    package var key: TaskKey
    package var task: JournalledTask

    package init(key: TaskKey, task: JournalledTask) {
        self.key = key
        self.task = task
    }
}
