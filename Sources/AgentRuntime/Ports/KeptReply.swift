/// An undeliverable reply that is kept on disk.
package struct KeptReply: Sendable, Hashable {
    /// Names it among all that are kept.
    package var id: String
    package var reply: OutgoingReply

    package init(id: String, reply: OutgoingReply) {
        self.id = id
        self.reply = reply
    }
}
