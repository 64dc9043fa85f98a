/// How many undeliverable replies had to be forgotten.
package struct LostReplies: Sendable, Hashable {
    /// Because the journal's window had passed.
    package var expired = 0
    /// Because they took too much of the journal's size; the oldest go first.
    package var displaced = 0

    package var count: Int { expired + displaced }
}
