/// What a parked attempt carries with it, so that it is judged right when it comes back, even by an agent that was started in between.
package struct ParkedMark: Sendable, Hashable {
    /// The state directory whose cancellations are counted by `cancellationEpoch`.
    package var storeID: String
    /// The number of that state directory's newest cancellation when the attempt was parked. A later one applies to it, an earlier one does not.
    package var cancellationEpoch: Int64
    /// What is left of a delay that was longer than one stay in the broker; zero when the attempt is due.
    package var remaining: Duration

    package init(storeID: String, cancellationEpoch: Int64, remaining: Duration = .zero) {
        self.storeID = storeID
        self.cancellationEpoch = cancellationEpoch
        self.remaining = remaining
    }
}
