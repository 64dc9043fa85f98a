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

    package init(kind: Kind, body: [UInt8], sequence: Int?) {
        self.kind = kind
        self.body = body
        self.sequence = sequence
    }
}
