/// A start of an operation that the journal knows of and that has no outcome.
package struct InterruptedStart: Sendable, Hashable {
    /// How often the agent died, without an orderly stop, while this operation ran.
    package var deaths: Int
    /// How many cancellations were recorded when it started: a later one is meant for it.
    package var cancellationEpoch: Int64

    package init(deaths: Int = 1, cancellationEpoch: Int64 = 0) {
        self.deaths = deaths
        self.cancellationEpoch = cancellationEpoch
    }
}
