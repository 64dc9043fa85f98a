/// Where the journal's files are, and what stands between it and the disk.
struct JournalPlace: Sendable {
    /// The database file.
    let path: String
    /// The name of the VFS through which SQLite reaches the files; nil for its own. Tests give it one that forgets what was not synced.
    let disk: String?
    /// Sees to it that the files are found after a loss of power, not only their content.
    let synchronizeDirectory: @Sendable () throws -> Void

    /// How many pages the log has when its content is moved into the database file. The default is SQLite's.
    let pagesBeforeCheckpoint: Int

    /// - Parameter synchronizeDirectory: nil for the real thing.
    init(
        path: String, disk: String? = nil, pagesBeforeCheckpoint: Int = 1_000,
        synchronizeDirectory: (@Sendable () throws -> Void)? = nil
    ) {
        self.path = path
        self.pagesBeforeCheckpoint = pagesBeforeCheckpoint
        self.disk = disk
        self.synchronizeDirectory = synchronizeDirectory ?? { try Self.synchronizeDirectories(above: path) }
    }

    private static func synchronizeDirectories(above path: String) throws {
        let directory = parent(of: path)
        try PrivateFile.synchronize(directory: directory)
        // The directory itself may be as new as the files in it. Who made it may not let the agent look into the one above.
        try? PrivateFile.synchronize(directory: parent(of: directory))
    }

    private static func parent(of path: String) -> String {
        let parent = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        return parent.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : parent
    }
}
