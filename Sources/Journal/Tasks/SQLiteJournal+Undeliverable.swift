package import AgentRuntime

/// Replies that could not be delivered.
extension SQLiteJournal {
    /// Keeps replies. Returns when they are on the disk. What cannot be written now is remembered and written when there is room again, if this process lives to see it.
    ///
    /// - Returns: what they are kept as, in their order, and why they could not be written.
    package func keepUndeliverable(_ replies: [UndeliverableReply]) async -> (ids: [String], error: SQLiteError?) {
        guard let last = replies.indices.last else { return ([], nil) }
        let moment = now()
        let ids = replies.map { _ in nextUndeliverableID() }
        for index in replies.indices.dropLast() {
            add(keeping(replies[index], as: ids[index], moment))
        }
        let keys = ids.map(UndeliverableRow.key)
        do throws(SQLiteError) {
            try await write(JournalCommand.noKey, keeping(replies[last], as: ids[last], moment), isSynchronized: true)
            return (keys, nil)
        } catch {
            return (keys, error)
        }
    }

    /// Removes a kept reply; no effect when it is gone already.
    package func removeUndeliverable(_ id: String) {
        guard let id = UndeliverableRow.id(of: id) else { return }
        add(
            .job(isHistory: true) { connection throws(SQLiteError) in
                try UndeliverableTable.remove(id, &connection)
            })
    }

    /// Kept replies that are worth another try, oldest first; none when they cannot be read.
    ///
    /// - Parameter id: only those that were kept after this one; nil for all.
    package func undelivered(after id: String? = nil, limit: Int) async -> [KeptReply] {
        let last = id.flatMap(UndeliverableRow.id) ?? 0
        let replies = await onWriter { connection throws(SQLiteError) in
            try UndeliverableTable.undelivered(&connection, after: last, limit: limit)
        }
        return replies ?? []
    }

    private func keeping(_ reply: UndeliverableReply, as id: Int64, _ moment: Int64) -> JournalCommand.Change {
        .job(isHistory: true) { connection throws(SQLiteError) in
            try UndeliverableTable.keep(reply, as: id, now: moment, &connection)
        }
    }
}
