/// A log record or an event that waits on disk for the broker or a manager.
public struct SpooledRecord: Sendable, Hashable {
    /// Its place in the order of all records.
    public var place: Int64
    /// Which attempt of which operation it belongs to.
    public var stream: UInt64
    /// Events are never dropped, log records are when space runs out.
    public var isEvent: Bool
    /// Its number within its attempt; nil when it has none.
    public var sequence: Int?
    /// How many records it stands for; 0 when it stands for itself.
    public var missing: Int
    /// The message body.
    public var body: [UInt8]

    /// Creates a record.
    public init(place: Int64, stream: UInt64, isEvent: Bool, sequence: Int?, missing: Int = 0, body: [UInt8]) {
        self.place = place
        self.stream = stream
        self.isEvent = isEvent
        self.sequence = sequence
        self.missing = missing
        self.body = body
    }

    /// What it counts against the limit, in bytes: its body and a guess of what the database needs around it.
    public var cost: Int { body.count + 128 }
}
