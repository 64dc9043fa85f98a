internal import Journal
internal import Operative

/// How undeliverable replies are shown: never with secrets. The fields are documented in docs/status.md.
extension UndeliverableRow {
    /// Everything but the body.
    var summary: [String: PropertyValue] {
        [
            "key": .string(id), "state": "undeliverable", "task_id": JournalValue.text(taskID),
            "reply_to": JournalValue.text(replyTo), "correlation_id": JournalValue.text(correlationID),
            "bytes": .integer(body.count), "reason": .string(reason), "kept_at": JournalValue.moment(keptAt),
        ]
    }

    var detail: PropertyValue {
        var detail = summary
        detail["answer"] = JournalValue.content(body)
        return .object(detail)
    }
}
