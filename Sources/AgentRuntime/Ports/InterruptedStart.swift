/// A start of an operation that the journal knows of and that has no outcome.
package struct InterruptedStart: Sendable, Hashable {
    /// How often the agent died, without an orderly stop, while this operation ran.
    package var deaths: Int
    /// The number of the newest cancellation when it started: a later one is meant for it.
    package var cancellationEpoch: Int64
    /// The state directory's record that has counted it; nil when that was not noted.
    package var storeID: String?

    package init(deaths: Int = 1, cancellationEpoch: Int64 = 0, storeID: String? = nil) {
        self.deaths = deaths
        self.cancellationEpoch = cancellationEpoch
        self.storeID = storeID
    }
}
