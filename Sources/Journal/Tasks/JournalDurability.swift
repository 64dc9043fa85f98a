/// When the disk is waited for.
package enum JournalDurability: String, Sendable, Hashable, CaseIterable {
    /// Before the broker is told to forget a task. A loss of power can take the starts and outcomes of the last group interval with it; a killed process takes nothing.
    case grouped
    /// Before every start and before every outcome is told, too. A loss of power takes nothing.
    case strict
}
