/// What a telemetry store holds.
package struct TelemetryInventory: Sendable, Hashable {
    /// What it holds for one destination.
    package struct Lane: Sendable, Hashable {
        package var destination: TelemetryDestination?
        package var count: Int
        /// The place of the newest record.
        package var newestPlace: Int64

        package init(destination: TelemetryDestination?, count: Int, newestPlace: Int64) {
            self.destination = destination
            self.count = count
            self.newestPlace = newestPlace
        }
    }

    /// One for each destination that has records.
    package var lanes: [Lane]

    package init(lanes: [Lane] = []) { self.lanes = lanes }

    /// How many records there are.
    package var count: Int { lanes.reduce(0) { $0 + $1.count } }
    /// The place of the newest of all; 0 when there is none.
    package var newestPlace: Int64 { lanes.map(\.newestPlace).max() ?? 0 }
}
