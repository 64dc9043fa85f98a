/// What to do with a redelivered task when the state directory that would know about it is gone (setting `journal.lost`).
package enum LostJournalPolicy: String, Sendable, Hashable, CaseIterable {
    /// Answer that the task may have been started before.
    case fail
    /// Run it as if it were new.
    case run
}
