/// Remembers the runtime properties of node instances on this machine, for agents without a manager that does.
public struct LocalInstanceStore: Sendable {
    private let database: SQLiteDatabase

    /// A store in the agent's database, see ``StateDatabase``.
    public init(_ database: SQLiteDatabase) {
        self.database = database
    }

    /// The runtime properties of an instance, or nil when none were ever stored.
    public func load(deployment: String, instance: String) throws -> StoredInstance? {
        try database.use { connection throws(SQLiteError) in
            try connection.query(
                "SELECT json, version FROM instance WHERE deployment = ? AND instance = ?",
                [.text(deployment), .text(instance)]
            ) { StoredInstance(json: $0.blob(0), version: Int($0.integer(1))) }.first
        }
    }

    /// Stores the runtime properties of an instance.
    ///
    /// - Parameters:
    ///   - deployment: The deployment's id.
    ///   - instance: The node instance's id.
    ///   - json: The properties as JSON text.
    ///   - expectedVersion: The version the change is based on: that of ``load(deployment:instance:)``, 0 for none.
    /// - Returns: The new version.
    /// - Throws: ``JournalError`` with `versionConflict` when another version is stored; then nothing has changed.
    @discardableResult
    public func store(deployment: String, instance: String, json: [UInt8], expectedVersion: Int) throws -> Int {
        try database.transaction { connection in
            let stored =
                try connection.query(
                    "SELECT version FROM instance WHERE deployment = ? AND instance = ?",
                    [.text(deployment), .text(instance)]
                ) { Int($0.integer(0)) }.first ?? 0
            guard stored == expectedVersion else {
                throw JournalError(
                    .versionConflict,
                    "runtime properties of \(instance) are at version \(stored), not \(expectedVersion):"
                        + " another operation changed them; load them again and repeat the change")
            }
            try connection.run(
                """
                INSERT INTO instance (deployment, instance, json, version) VALUES (?, ?, ?, 1)
                ON CONFLICT (deployment, instance) DO UPDATE SET json = excluded.json, version = version + 1
                """,
                [.text(deployment), .text(instance), .blob(json)])
            return stored + 1
        }
    }
}
