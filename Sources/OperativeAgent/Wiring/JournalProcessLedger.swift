internal import AgentSabotage
internal import Journal
internal import OperationProcesses

/// The processes of operations, in the journal.
struct JournalProcessLedger: ProcessLedger {
    let journal: SQLiteJournal

    func began(_ group: ProcessGroup, owner: String) async throws {
        try await journal.addProcessGroup(row(group, owner: owner))
    }

    func ended(_ group: ProcessGroup) async {
        if !Sabotage.isOn(.noGroupEndRecord) { journal.removeProcessGroup(row(group, owner: "")) }
    }

    /// What earlier processes of the agent have not seen the end of, with the keys of its tasks.
    func left() throws -> [(group: ProcessGroup, owner: String)] {
        try journal.processGroups().map { row in
            let group = ProcessGroup(
                pid: row.pid, startTime: UInt64(bitPattern: row.startTime), boot: row.boot, session: row.session)
            return (group, row.owner)
        }
    }

    private func row(_ group: ProcessGroup, owner: String) -> ProcessGroupRow {
        ProcessGroupRow(
            pid: group.pid, startTime: Int64(bitPattern: group.startTime), boot: group.boot, owner: owner,
            session: group.session)
    }
}
