internal import AgentRuntime

/// A task as its row says it.
enum StoredTask {
    /// What the functions below read, in their order.
    static let columns = """
        task_id, retry, run, name, execution_id, reply_to, correlation_id, answers_cancellation, store_id, epoch,
        remaining, body
        """
    /// How many columns these are.
    static let columnCount: Int32 = 12

    static func key(_ row: borrowing SQLiteRow) -> TaskKey {
        TaskKey(
            taskID: row.text(0), retryNumber: Int(clamping: row.integer(1)), run: UInt64(bitPattern: row.integer(2)))
    }

    static func task(_ row: borrowing SQLiteRow) -> JournalledTask {
        JournalledTask(
            name: row.text(3), body: row.blob(11), replyTo: row.isNull(5) ? nil : row.text(5),
            correlationID: row.isNull(6) ? nil : row.text(6), executionID: row.isNull(4) ? nil : row.text(4),
            answersCancellation: row.integer(7) != 0,
            mark: ParkedMark(
                storeID: row.text(8), cancellationEpoch: row.integer(9), remaining: .milliseconds(row.integer(10))))
    }
}
