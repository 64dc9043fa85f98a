/// One log record or event in the form that goes over the wire.
package struct TelemetryRecord: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        case log
        case event
    }

    package var kind: Kind
    package var body: [UInt8]
    /// Counts the records of one attempt of one operation from 1, without gaps; nil for records that belong to no operation.
    package var sequence: Int?
    /// Records of the same attempt have the same number here; no other attempt has it, in this process or another.
    package var stream: UInt64
    /// How many records this one stands for, `sequence` being the first of their numbers; 0 for a record that stands for itself.
    package var missing: Int
    /// To whom it is posted; nil where the way does not depend on the task.
    package var destination: TelemetryDestination?

    package init(
        kind: Kind, body: [UInt8], sequence: Int?, stream: UInt64 = 0, missing: Int = 0,
        destination: TelemetryDestination? = nil
    ) {
        self.kind = kind
        self.body = body
        self.sequence = sequence
        self.stream = stream
        self.missing = missing
        self.destination = destination
    }
}
