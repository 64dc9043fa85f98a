internal import AdminSocket
internal import AgentRuntime
internal import Journal
internal import Operative

/// Sends an answer again that the journal holds.
struct ReplyResending {
    let directory: String
    let runtime: AgentRuntime

    /// An answer, and what it is kept as when it could not be delivered.
    private struct Found {
        var reply: OutgoingReply
        var kept: [String]
    }

    func serve(_ request: AdminRequest, _ answer: @Sendable (AdminAnswer) -> Void) async {
        do throws(AdminError) {
            let found = try find(request)
            let reply = found.reply
            switch await runtime.resend(reply) {
            case .confirmed:
                for id in found.kept { await runtime.delivered(keptAs: id) }
                answer(.success(["reply_to": .string(reply.address)]))
            case .unroutable: throw AdminError(.noAgent, "the broker has no queue for \(reply.address)")
            case .refused: throw AdminError(.unavailable, "the broker refuses this message")
            case .stopped: throw AdminError(.unavailable, "the agent is stopping")
            }
        } catch {
            answer(.failure(error))
        }
    }

    /// The stored outcome of a task, or an undeliverable reply; mostly there are both, and both are done with then.
    private func find(_ request: AdminRequest) throws(AdminError) -> Found {
        guard let key = request.arguments["key"]?.stringValue else {
            throw AdminError(.badRequest, "retry_reply needs key, a text")
        }
        let (rows, kept) = try rows(named: key)
        let answered = rows.compactMap { row -> (JournalRow, [UInt8])? in
            if case .reply(let body) = row.outcome { (row, body) } else { nil }
        }.last
        guard let body = answered?.1 ?? kept.last?.body else {
            throw AdminError(.notFound, rows.isEmpty ? "the journal holds no task '\(key)'" : "'\(key)' has no answer")
        }
        let same = kept.filter { $0.body == body }
        let asked = request.arguments["reply_to"]?.stringValue
        guard let address = asked ?? answered?.0.replyTo ?? same.last?.replyTo, !address.isEmpty else {
            throw AdminError(.badRequest, "the journal has not noted where the answer goes: name it with --reply-to")
        }
        let correlationID =
            request.arguments["correlation_id"]?.stringValue ?? answered?.0.correlationID ?? same.last?.correlationID
            ?? answered?.0.taskID
        return Found(
            reply: OutgoingReply(address: address, correlationID: correlationID, body: body), kept: same.map(\.id))
    }

    private func rows(named key: String) throws(AdminError) -> ([JournalRow], [UndeliverableRow]) {
        do {
            var browser = try JournalBrowser(directory: directory)
            let rows = try browser.rows(named: key)
            return (rows, try browser.undeliverable(named: rows.last?.taskID ?? key))
        } catch {
            throw AdminError(.notFound, "\(error)")
        }
    }
}
