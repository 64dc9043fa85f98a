/// An answer on its way to whoever sent the task.
package struct OutgoingReply: Sendable, Hashable {
    package var address: String
    package var correlationID: String?
    package var body: [UInt8]
    /// The operation's last log records and events come after this answer.
    package var hasLateRecords: Bool

    package init(address: String, correlationID: String?, body: [UInt8], hasLateRecords: Bool = false) {
        self.address = address
        self.correlationID = correlationID
        self.body = body
        self.hasLateRecords = hasLateRecords
    }
}
