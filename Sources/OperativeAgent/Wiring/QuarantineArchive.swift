internal import AgentExecutors
internal import AgentRuntime
internal import Journal
internal import Logging
internal import Operative

/// Unusable messages in the state directory. Writing waits for the disk, so it happens on a thread of its own.
struct QuarantineArchive: MessageArchive {
    private let rejected: Quarantine
    private let undeliverable: Quarantine
    private let logger: Logger
    private let thread = ThreadPool(name: "op-archive", limit: 1)

    init(directory: StateDirectory, logger: Logger) throws {
        rejected = try Quarantine(in: directory, kind: .rejected)
        undeliverable = try Quarantine(in: directory, kind: .undeliverable)
        self.logger = logger
    }

    func keepRejected(_ bytes: [UInt8], size: UInt64, reason: String) async {
        await withTaskExecutorPreference(thread) {
            _ = keep(bytes, size: Int(clamping: size), reason: reason, in: rejected)
        }
    }

    func keepUndeliverable(_ reply: OutgoingReply) async -> @Sendable () async -> Void {
        let reason = "no queue for reply_to \(reply.address), correlation_id \(reply.correlationID ?? "none")"
        let name = await withTaskExecutorPreference(thread) {
            keep(reply.body, size: reply.body.count, reason: reason, in: undeliverable)
        }
        return { [undeliverable, thread] in
            guard let name else { return }
            await withTaskExecutorPreference(thread) { undeliverable.discard(name) }
        }
    }

    private func keep(_ bytes: [UInt8], size: Int, reason: String, in quarantine: Quarantine) -> String? {
        do throws(JournalError) {
            return try quarantine.keep(bytes, reason: reason, size: size)
        } catch {
            logger.error("A message cannot be kept in \(quarantine.path)", metadata: ["reason": "\(error)"])
            return nil
        }
    }
}
