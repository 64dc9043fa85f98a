/// Keeps messages that can be neither run nor delivered.
package protocol MessageArchive: Sendable {
    /// Keeps a message that could not be understood, for a human to look at. Returns when it is on disk.
    ///
    /// - Parameter size: the length of the whole message, of which `bytes` may be the beginning.
    func keepRejected(_ bytes: [UInt8], size: UInt64, reason: String) async

    /// Keeps a reply that could not be delivered. Returns when it is on disk, or cannot be written.
    ///
    /// - Returns: what it is kept as.
    func keepUndeliverable(_ reply: UndeliverableReply) async -> String?

    /// Removes a kept reply, for when it was delivered after all; no effect when it is gone already.
    func removeUndeliverable(_ id: String) async

    /// Kept replies that are worth another try, oldest first.
    ///
    /// - Parameter id: only those that were kept after this one, whether that is still there or not; nil for all.
    func undelivered(after id: String?, limit: Int) async -> [KeptReply]
}
