/// An answer on its way to whoever sent the task.
package struct OutgoingReply: Sendable, Hashable {
    package var address: String
    package var correlationID: String?
    package var body: [UInt8]

    package init(address: String, correlationID: String?, body: [UInt8]) {
        self.address = address
        self.correlationID = correlationID
        self.body = body
    }
}
