/// A record in the spool, with its place in the order of all records.
package struct StoredTelemetry: Sendable, Hashable {
    package var place: Int64
    package var record: TelemetryRecord

    package init(place: Int64, record: TelemetryRecord) {
        self.place = place
        self.record = record
    }
}
