internal import AgentExecutors
internal import AgentRuntime
internal import Journal
internal import Logging
internal import Operative

/// Unusable messages in the state directory: those that came in as files, replies that could not be delivered as rows of the journal, or as files too when that is not on disk. Writing waits for the disk, so it happens on other threads.
struct StateArchive: MessageArchive {
    /// So many files go into one transaction.
    private static let portion = 64

    private let rejected: Quarantine
    private let files: UndeliverableFiles
    private let journal: SQLiteJournal?
    private let logger: Logger
    private let thread = ThreadPool(name: "op-archive", limit: 1)

    init(directory: StateDirectory, journal: SQLiteJournal?, logger: Logger) throws {
        rejected = try Quarantine(in: directory, kind: .rejected)
        files = UndeliverableFiles(try Quarantine(in: directory, kind: .undeliverable))
        self.journal = journal
        self.logger = logger
    }

    func keepRejected(_ bytes: [UInt8], size: UInt64, reason: String) async {
        await withTaskExecutorPreference(thread) {
            do throws(JournalError) {
                try rejected.keep(bytes, reason: reason, size: Int(clamping: size))
            } catch {
                logger.error("A message cannot be kept in \(rejected.path)", metadata: ["reason": "\(error)"])
            }
        }
    }

    func keepUndeliverable(_ reply: UndeliverableReply) async -> String? {
        if let journal {
            let (ids, error) = await journal.keepUndeliverable([reply])
            if let error {
                logger.error("The journal does not take an undeliverable reply; it waits in memory. \(error)")
            }
            return ids.first
        }
        return await withTaskExecutorPreference(thread) {
            do throws(JournalError) {
                return try files.keep(reply)
            } catch {
                logger.error("An undeliverable reply cannot be kept in \(files.path)", metadata: ["reason": "\(error)"])
                return nil
            }
        }
    }

    func removeUndeliverable(_ id: String) async {
        if let journal { return journal.removeUndeliverable(id) }
        await withTaskExecutorPreference(thread) { files.discard(id) }
    }

    func undelivered(after id: String?, limit: Int) async -> [KeptReply] {
        if let journal { return await journal.undelivered(after: id, limit: limit) }
        return await withTaskExecutorPreference(thread) {
            var found: [KeptReply] = []
            for name in files.names where found.count < limit && id.map({ name > $0 }) ?? true {
                guard let kept = files.read(name), kept.reason == .unroutable else { continue }
                found.append(KeptReply(id: name, reply: kept.reply))
            }
            return found
        }
    }

    /// Makes rows of the journal of what is kept in files. A file goes when its row is on the disk; one that holds only the beginning of its reply stays, as that cannot be sent.
    func takeOverFiles() async {
        guard let journal else { return }
        var names = files.names[...]
        var taken = 0
        while !names.isEmpty {
            let replies = names.prefix(Self.portion).compactMap { name in files.read(name).map { (name, $0) } }
            names = names.dropFirst(Self.portion)
            let (_, error) = await journal.keepUndeliverable(replies.map(\.1))
            if let error {
                logger.error("The undeliverable replies in \(files.path) stay there for now. \(error)")
                return
            }
            for (name, _) in replies { files.discard(name) }
            taken += replies.count
        }
        if taken > 0 {
            logger.notice(
                "Undeliverable replies of an earlier release are in the journal now", metadata: ["count": "\(taken)"])
        }
        if !files.names.isEmpty {
            logger.warning(
                "Undeliverable replies that were cut when they were kept can only be looked at",
                metadata: ["path": "\(files.path)", "count": "\(files.names.count)"])
        }
    }
}
