/// Keeps messages that can be neither run nor delivered, for a human to look at.
package protocol MessageArchive: Sendable {
    /// Keeps a message that could not be understood. Returns when it is on disk.
    ///
    /// - Parameter size: the length of the whole message, of which `bytes` may be the beginning.
    func keepRejected(_ bytes: [UInt8], size: UInt64, reason: String) async

    /// Keeps a reply that no queue would take. The returned closure removes it again, for when it could be delivered after all.
    func keepUndeliverable(_ reply: OutgoingReply) async -> @Sendable () async -> Void
}
