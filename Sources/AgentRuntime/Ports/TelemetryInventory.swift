/// What a telemetry store holds.
package struct TelemetryInventory: Sendable, Hashable {
    package var count: Int
    /// The place of the newest record; 0 when there is none.
    package var newestPlace: Int64

    package init(count: Int, newestPlace: Int64) {
        self.count = count
        self.newestPlace = newestPlace
    }
}
