/// The agent's database in its state directory, with the schema of everything in it.
public enum StateDatabase {
    /// Opens it, and makes it when absent.
    public static func open(in directory: StateDirectory) throws -> SQLiteDatabase {
        try SQLiteDatabase(path: directory.path(of: "operative.db"), migrations: migrations)
    }

    /// Only ever append: a released script has run on somebody's disk.
    static let migrations = [
        """
        CREATE TABLE store (
            id TEXT NOT NULL
        );
        INSERT INTO store (id) VALUES (lower(
            hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-'
            || substr('89ab', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))));
        CREATE TABLE instance (
            deployment TEXT NOT NULL,
            instance TEXT NOT NULL,
            json BLOB NOT NULL,
            version INTEGER NOT NULL,
            UNIQUE (deployment, instance)
        );
        CREATE TABLE cancellation (
            epoch INTEGER PRIMARY KEY AUTOINCREMENT,
            execution_id TEXT NOT NULL,
            recorded_at INTEGER NOT NULL
        )
        """,
        Timeline.migration,
    ]
}
