/// An undeliverable reply as it is shown to people.
package struct UndeliverableRow: Sendable, Hashable {
    /// Names it among all that are kept in this journal: `u` and a number.
    package var id: String
    /// The task it answers; nil when the message that it answers was none.
    package var taskID: String?
    package var replyTo: String
    package var correlationID: String?
    /// `unroutable` or `refused`, or what a later release has written.
    package var reason: String
    /// Since when it is kept, in milliseconds since 1970.
    package var keptAt: Int64
    package var body: [UInt8]

    static func key(_ id: Int64) -> String { "u\(id)" }

    /// - Returns: nil when it names no such row.
    static func id(of key: String) -> Int64? { key.first == "u" ? Int64(key.dropFirst()) : nil }
}
