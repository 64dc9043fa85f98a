internal import AdminSocket
internal import AgentRuntime
internal import Journal
internal import Operative

/// Sends an answer again that the journal holds.
struct ReplyResending {
    let directory: String
    let runtime: AgentRuntime

    func serve(_ request: AdminRequest, _ answer: @Sendable (AdminAnswer) -> Void) async {
        do throws(AdminError) {
            let reply = try reply(for: request)
            switch await runtime.resend(reply) {
            case .confirmed: answer(.success(["reply_to": .string(reply.address)]))
            case .unroutable: throw AdminError(.noAgent, "the broker has no queue for \(reply.address)")
            case .refused: throw AdminError(.unavailable, "the broker refuses this message")
            case .stopped: throw AdminError(.unavailable, "the agent is stopping")
            }
        } catch {
            answer(.failure(error))
        }
    }

    private func reply(for request: AdminRequest) throws(AdminError) -> OutgoingReply {
        guard let key = request.arguments["key"]?.stringValue else {
            throw AdminError(.badRequest, "retry_reply needs key, a text")
        }
        let rows = try rows(named: key)
        let answered = rows.compactMap { row -> (JournalRow, [UInt8])? in
            if case .reply(let body) = row.outcome { (row, body) } else { nil }
        }
        guard let (row, body) = answered.last else {
            throw AdminError(.notFound, rows.isEmpty ? "the journal holds no task '\(key)'" : "'\(key)' has no answer")
        }
        guard let address = request.arguments["reply_to"]?.stringValue ?? row.replyTo, !address.isEmpty else {
            throw AdminError(.badRequest, "the journal has not noted where the answer goes: name it with --reply-to")
        }
        let correlationID = request.arguments["correlation_id"]?.stringValue ?? row.correlationID ?? row.taskID
        return OutgoingReply(address: address, correlationID: correlationID, body: body)
    }

    private func rows(named key: String) throws(AdminError) -> [JournalRow] {
        do {
            var browser = try JournalBrowser(directory: directory)
            return try browser.rows(named: key)
        } catch {
            throw AdminError(.notFound, "\(error)")
        }
    }
}
