internal import Journal
internal import Operative

/// How rows of the journal are shown: never with secrets. The fields are documented in docs/status.md.
extension JournalRow {
    /// Everything but the bodies.
    var summary: [String: PropertyValue] {
        [
            "key": .integer(Int(id)), "task_id": .string(taskID), "retry_number": .integer(retryNumber),
            "state": .string(state.map { "\($0)" } ?? "unknown"), "operation": .string(name),
            "execution_id": text(executionID), "started_at": moment(startedAt), "ended_at": moment(endedAt),
            "deaths": .integer(deaths), "taken_over": .bool(isKept), "reply_to": text(replyTo),
            "correlation_id": text(correlationID), "outcome": outcomeName.map(PropertyValue.string) ?? .null,
            "due_at": moment(dueAt),
        ]
    }

    /// Everything, with the task and its answer.
    var detail: PropertyValue {
        var detail = summary
        detail["task"] = content(body)
        switch outcome {
        case .reply(let bytes):
            detail["answer"] = content(bytes)
        case .retry(let bytes, let delay):
            detail["delay_seconds"] = .double(Double(delay) / 1_000)
            detail["next_attempt"] = content(bytes)
        case .silence, nil:
            break
        }
        return .object(detail)
    }

    private var outcomeName: String? {
        switch outcome {
        case .reply: "reply"
        case .retry: "retry"
        case .silence: "silence"
        case nil: nil
        }
    }

    private func content(_ bytes: [UInt8]) -> PropertyValue { JournalValue.content(bytes) }
    private func text(_ text: String?) -> PropertyValue { JournalValue.text(text) }
    private func moment(_ milliseconds: Int64?) -> PropertyValue { JournalValue.moment(milliseconds) }
}
