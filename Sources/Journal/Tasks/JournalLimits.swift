/// How long and how much the journal remembers.
package struct JournalLimits: Sendable, Hashable {
    /// When an outcome is forgotten at the latest.
    package var window: Duration
    /// What the file may take; settled outcomes are forgotten oldest first when it takes more. Nothing that is still to be done is ever forgotten.
    package var maximumBytes: Int64

    package init(window: Duration = .seconds(7 * 86_400), maximumBytes: Int64 = 1 << 30) {
        self.window = window
        self.maximumBytes = maximumBytes
    }
}
