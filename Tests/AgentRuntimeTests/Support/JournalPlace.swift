import Foundation

@testable import Journal

/// A journal on disk for one test; removed with the last reference.
final class JournalPlace: Sendable {
    private let path: String

    init() throws {
        path = NSTemporaryDirectory() + "/operative-custody-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The journal as the next process would find it.
    ///
    /// - Parameter isFresh: as the first process finds it when an earlier one's was lost.
    func open(isFresh: Bool = false) throws -> SQLiteJournal {
        try SQLiteJournal(
            path: "\(path)/journal.db", isFresh: isFresh, now: { Int64(Date().timeIntervalSince1970 * 1000) })
    }
}
