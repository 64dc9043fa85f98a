internal import Synchronization

/// The journal's write-ahead log, and whether the disk can be believed about it.
///
/// A sync that fails may be the only sign that the disk does not have what was written: the system forgets which pages it
/// were, and the next sync succeeds without them. So one failure, whoever saw it, puts everything in doubt, and only a log
/// that was written once more ends that. Syncs take turns, because of two at the same time the system may tell only one.
final class JournalLog: Sendable {
    private struct Loss: Sendable {
        var report: (@Sendable (SQLiteError) -> Void)?
        var error: SQLiteError?
    }

    private struct Turn: Sendable {
        var isDirectorySynced = false
        /// The connection goes, and the file with it.
        var isClosed = false
    }

    private let file: WriteAheadLog
    private let place: JournalPlace
    /// Held during a sync.
    private let turn = Mutex(Turn())
    private let doubt: Mutex<SQLiteError?>
    /// A part of the log is gone: no try to write it once more will ever succeed.
    private let loss = Mutex(Loss())
    /// The next transaction begins the log anew, and syncs for that. Changed by the writing thread only.
    private let beginsAnew = Atomic(false)

    /// A log is in doubt at first: an earlier process may have seen a sync fail. See ``restoreTrust(_:)``.
    init(_ file: WriteAheadLog, at place: JournalPlace) {
        self.file = file
        self.place = place
        doubt = Mutex(SQLiteError(code: .ioError, message: "the log was not synced to the disk yet", sql: nil))
    }

    /// Why nothing counts as being on the disk at present; nil when it does.
    var problem: SQLiteError? { doubt.withLock { $0 } }

    /// Has `report` called, once, when a part of the log is lost: only a new process can go on then, with what the disk has.
    func onLoss(_ report: @escaping @Sendable (SQLiteError) -> Void) {
        let error = loss.withLock { loss in
            loss.report = report
            return loss.error
        }
        if let error { report(error) }
    }

    private func noteLoss(_ error: SQLiteError) {
        let report = loss.withLock { loss in
            guard loss.error == nil else { return nil as (@Sendable (SQLiteError) -> Void)? }
            loss.error = error
            return loss.report
        }
        report?(error)
    }

    /// Waits until everything that was committed before is on the disk.
    func synchronize() throws(SQLiteError) {
        try turn.withLock { turn throws(SQLiteError) in
            if let problem { throw problem }
            guard !turn.isClosed else { return }
            do throws(SQLiteError) {
                try file.synchronize()
            } catch {
                doubt.withLock { $0 = error }
                throw error
            }
        }
    }

    /// Runs what changes the database, in one transaction or several. For the writing thread.
    func change<Result: Sendable, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // It waits for a sync of others only when it syncs itself.
        guard beginsAnew.load(ordering: .relaxed) else { return try noting(body) }
        return try turn.withLock { _ throws(Failure) in
            let result = try noting(body)
            beginsAnew.store(false, ordering: .relaxed)
            return result
        }
    }

    /// Moves the log into the database file when it has become long. For the writing thread, after a transaction.
    func checkpointWhenLong(_ connection: borrowing SQLiteConnection) {
        guard problem == nil, !beginsAnew.load(ordering: .relaxed),
            let end = try? connection.writeAheadLogEnd(), end.frames >= place.pagesBeforeCheckpoint
        else { return }
        turn.withLock { _ in
            guard problem == nil else { return }
            // What cannot be moved now stays in the log, and is moved the next time.
            let isAllMoved = try? noting { () throws(SQLiteError) in try connection.checkpoint() }
            beginsAnew.store(isAllMoved == true, ordering: .relaxed)
        }
    }

    /// Has the log written once more when it is in doubt. For the writing thread, outside of transactions.
    ///
    /// - Throws: when the doubt remains.
    func restoreTrust(_ connection: borrowing SQLiteConnection) throws(SQLiteError) {
        guard problem != nil else { return }
        try turn.withLock { turn throws(SQLiteError) in
            do throws(SQLiteError) {
                if !turn.isDirectorySynced { try synchronizeNames() }
                turn.isDirectorySynced = true
                try file.rewrite(upTo: connection.writeAheadLogEnd())
                doubt.withLock { $0 = nil }
            } catch {
                doubt.withLock { $0 = error }
                if error.code == .corrupt { noteLoss(error) }
                throw error
            }
        }
    }

    /// Has no sync touch the file any more. To be called before its connection goes; whoever had an interest in a sync holds on to that.
    func close() { turn.withLock { $0.isClosed = true } }

    private func synchronizeNames() throws(SQLiteError) {
        do {
            try place.synchronizeDirectory()
        } catch {
            throw SQLiteError(code: .ioError, message: "\(error)", sql: nil)
        }
    }

    private func noting<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        do throws(Failure) {
            return try body()
        } catch {
            if let error = error as? SQLiteError, error.code.isFailedSync { doubt.withLock { $0 = error } }
            throw error
        }
    }
}
