@testable import Journal

extension SQLiteJournal {
    /// Lets the file grow no further, or as it likes.
    func limitPages(toCurrent isLimited: Bool) throws {
        try useWriter { connection in
            let pages = try connection.query("PRAGMA page_count") { $0.integer(0) }.first ?? 0
            let limit = isLimited ? pages : 1_000_000
            _ = try connection.query("PRAGMA max_page_count = \(limit)") { _ in () }
        }
    }
}
