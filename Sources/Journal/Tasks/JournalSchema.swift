/// The schema of `journal.db`.
enum JournalSchema {
    /// The number of the schema that this release writes.
    static let version = migrations.count

    /// The first schema that has a timeline.
    static let withTimeline = 3

    /// Only ever append: a released script has run on somebody's disk.
    static let migrations = [
        """
        CREATE TABLE task (
            id INTEGER PRIMARY KEY,
            key INTEGER NOT NULL,
            task_id TEXT NOT NULL,
            retry INTEGER NOT NULL,
            run INTEGER NOT NULL,
            state INTEGER NOT NULL,
            name TEXT NOT NULL,
            execution_id TEXT,
            started_at INTEGER,
            ended_at INTEGER,
            deaths INTEGER NOT NULL DEFAULT 0,
            running INTEGER NOT NULL DEFAULT 0,
            epoch INTEGER NOT NULL,
            remaining INTEGER NOT NULL DEFAULT 0,
            store_id TEXT,
            kept INTEGER NOT NULL DEFAULT 0,
            body BLOB,
            reply_to TEXT,
            correlation_id TEXT,
            answers_cancellation INTEGER NOT NULL DEFAULT 0,
            outcome_kind INTEGER,
            outcome BLOB,
            delay INTEGER,
            due_at INTEGER,
            overdue_count INTEGER NOT NULL DEFAULT 0
        );
        CREATE INDEX task_key ON task (key);
        CREATE INDEX task_kept ON task (id) WHERE kept = 1 AND state <> 3;
        CREATE INDEX task_due ON task (due_at) WHERE due_at IS NOT NULL;
        CREATE TABLE shutdown (
            clean INTEGER NOT NULL,
            probes INTEGER NOT NULL
        );
        INSERT INTO shutdown (clean, probes) VALUES (1, 0)
        """,
        """
        CREATE TABLE undeliverable (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            task_id TEXT,
            reply_to TEXT NOT NULL,
            correlation_id TEXT,
            has_late_records INTEGER NOT NULL DEFAULT 0,
            reason TEXT NOT NULL,
            kept_at INTEGER NOT NULL,
            size INTEGER NOT NULL,
            body BLOB NOT NULL
        );
        CREATE INDEX undeliverable_address ON undeliverable (reply_to, correlation_id);
        CREATE INDEX undeliverable_age ON undeliverable (kept_at, size)
        """,
        Timeline.migration,
        // Rows are found by their keys through `KeyIndex`: an index that is kept with every row dirties a page for every row.
        """
        DROP INDEX task_key;
        DROP INDEX task_kept;
        CREATE INDEX task_kept ON task (id) WHERE kept = 1;
        CREATE TABLE task_index (
            key INTEGER NOT NULL,
            id INTEGER NOT NULL,
            PRIMARY KEY (key, id)
        ) WITHOUT ROWID;
        CREATE TABLE task_filter (
            first_id INTEGER PRIMARY KEY,
            last_id INTEGER NOT NULL,
            count INTEGER NOT NULL,
            bits BLOB NOT NULL
        );
        CREATE TRIGGER task_forgotten AFTER DELETE ON task BEGIN
            DELETE FROM task_index WHERE key = OLD.key AND id = OLD.id;
        END
        """,
        // Whether there may have been a journal before that is lost; see `JournalDatabase`.
        "ALTER TABLE shutdown ADD COLUMN fresh INTEGER NOT NULL DEFAULT 0",
        ProcessGroupTable.migration,
        ProcessGroupTable.sessionMigration,
    ]
}
