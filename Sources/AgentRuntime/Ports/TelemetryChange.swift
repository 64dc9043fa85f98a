/// What is written to a telemetry store in one go.
package struct TelemetryChange: Sendable {
    /// What came of it.
    package struct Effect: Sendable, Hashable {
        /// How many stored records of each destination are left out now: dropped, or merged into those that stand for them.
        package var removed: [TelemetryDestination?: Int]
        /// How many log records were dropped.
        package var dropped: Int
        /// The bytes in the store are still over the limit: only events and what stands for dropped records is left.
        package var isOverLimit: Bool

        package init(removed: [TelemetryDestination?: Int] = [:], dropped: Int = 0, isOverLimit: Bool = false) {
            self.removed = removed
            self.dropped = dropped
            self.isOverLimit = isOverLimit
        }
    }

    /// Whose records are added and removed.
    package var destination: TelemetryDestination?
    /// New records, and records whose place is taken already: those are replaced.
    package var adding: [StoredTelemetry] = []
    /// Everything of the destination at these places has arrived and is removed.
    package var settled: Range<Int64> = 0..<0
    /// How many bytes may be stored for all destinations together. Above it log records are dropped, oldest first, whosever they are.
    package var limit = Int.max
    /// Records of a destination up to and including its place are on their way and are not dropped.
    package var keptThrough: @Sendable () -> [TelemetryDestination?: Int64] = { [:] }
    /// Makes from a dropped log record what will say that it is missing.
    package var remnant: @Sendable ([UInt8]) -> [UInt8] = { $0 }

    package init() {}

    var isEmpty: Bool { adding.isEmpty && settled.isEmpty }
}
