/// Keeps messages that can be neither run nor delivered, for a human to look at.
package protocol MessageArchive: Sendable {
    /// Keeps a message that could not be understood.
    func keepRejected(_ bytes: [UInt8], reason: String)
    /// Keeps a reply that no queue would take. The returned closure removes it again, for when it could be delivered after all.
    func keepUndeliverable(_ reply: OutgoingReply) -> @Sendable () -> Void
}
