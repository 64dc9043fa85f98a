/// Who writes the events that tell of a task's way (setting `task_events`).
package enum TaskEventAuthor: String, Sendable, Hashable, CaseIterable {
    case agent
    case manager
}
