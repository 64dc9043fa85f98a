extension SQLiteJournal {
    /// Records a process group that is about to begin. Returns when the record survives the death of the agent.
    ///
    /// - Throws: ``SQLiteError`` when it cannot be written; the group must not begin then.
    package func addProcessGroup(_ row: ProcessGroupRow) async throws {
        let change = JournalCommand.Change.job(isHistory: false) { connection throws(SQLiteError) in
            try ProcessGroupTable.add(row, &connection)
        }
        try await write(JournalCommand.noKey, change, isSynchronized: false)
    }

    /// Forgets a group that has ended. Written as soon as that is possible; nobody waits for it.
    package func removeProcessGroup(_ row: ProcessGroupRow) {
        add(
            .job(isHistory: true) { connection throws(SQLiteError) in
                try ProcessGroupTable.remove(row, &connection)
            })
    }

    /// The groups that nobody has seen the end of.
    package func processGroups() throws -> [ProcessGroupRow] {
        try useWriter { connection in try ProcessGroupTable.all(&connection) }
    }
}
