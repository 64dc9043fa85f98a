/// Tells an orderly stop from a death.
enum JournalShutdown {
    /// Notes that the agent runs, and counts a death for everything that was running when the last one ended without an orderly stop.
    static func begin(_ connection: inout SQLiteConnection) throws(SQLiteError) {
        try connection.runScript(
            """
            BEGIN IMMEDIATE;
            UPDATE task SET deaths = deaths + 1
                WHERE state = \(JournalState.started.rawValue) AND running = 1
                AND (SELECT clean FROM shutdown) = 0;
            -- What this process only takes over and never starts cannot be the cause of its death.
            UPDATE task SET running = 0 WHERE state = \(JournalState.started.rawValue);
            UPDATE shutdown SET clean = 0;
            COMMIT;
            """)
    }

    static func end(_ connection: inout SQLiteConnection) throws(SQLiteError) {
        try connection.runScript("UPDATE shutdown SET clean = 1; PRAGMA wal_checkpoint(TRUNCATE);")
    }
}
