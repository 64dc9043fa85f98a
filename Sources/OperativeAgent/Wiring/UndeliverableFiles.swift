internal import AgentRuntime
internal import Journal
internal import Operative

/// Undeliverable replies as files: the body, and in the header's reason where it should have gone.
struct UndeliverableFiles {
    private static let beginnings: [(reason: UndeliverableReply.Reason, text: String)] = [
        (.unroutable, "no queue for reply_to "), (.refused, "refused for reply_to "),
    ]
    private static let correlation = ", correlation_id "
    private static let none = "none"

    private let quarantine: Quarantine

    init(_ quarantine: Quarantine) { self.quarantine = quarantine }

    var path: String { quarantine.path }
    /// What there is, oldest first.
    var names: [String] { quarantine.names }

    func keep(_ kept: UndeliverableReply) throws(JournalError) -> String {
        let beginning = Self.beginnings.first { $0.reason == kept.reason }?.text ?? ""
        let reason = "\(beginning)\(kept.reply.address)\(Self.correlation)\(kept.reply.correlationID ?? Self.none)"
        return try quarantine.keep(kept.reply.body, reason: reason)
    }

    func discard(_ name: String) { quarantine.discard(name) }

    /// - Returns: nil when it cannot be read or holds only the beginning of the reply.
    func read(_ name: String) -> UndeliverableReply? {
        guard let (body, header) = quarantine.content(of: name), let fields = try? PropertyValue(json: header),
            fields["size"]?.intValue == body.count, let reason = fields["reason"]?.stringValue,
            let beginning = Self.beginnings.first(where: { reason.hasPrefix($0.text) }),
            let separator = reason.ranges(of: Self.correlation).last
        else { return nil }
        let address = String(reason[..<separator.lowerBound].dropFirst(beginning.text.count))
        let correlationID = String(reason[separator.upperBound...])
        return UndeliverableReply(
            reply: OutgoingReply(
                address: address, correlationID: correlationID == Self.none ? nil : correlationID, body: body),
            taskID: nil, reason: beginning.reason)
    }
}
