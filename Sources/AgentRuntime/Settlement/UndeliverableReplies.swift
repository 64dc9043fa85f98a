internal import AgentExecutors
internal import Logging
internal import Synchronization

/// Replies that no queue would take. Each is kept on disk at once and tried again with growing pauses for a while, and so is what an earlier process has kept; the manager may be about to declare its queue again.
final class UndeliverableReplies: Sendable {
    /// So many replies are tried again at a time; further ones are only kept on disk.
    private static let limit = 1_000
    /// What they may hold together.
    private static let maximumBytes = 64 << 20
    private static let longestPause = Duration.seconds(30)

    private struct State {
        /// What is tried again at present, by what it is kept as.
        var trying: Set<String> = []
        var bytes = 0
        /// Of those that could not be written to disk.
        var unkept = 0
    }

    private let ports: RuntimePorts
    private let timers: TimerThread
    private let retryFor: Duration
    private let replies: AsyncStream<KeptReply>
    private let continuation: AsyncStream<KeptReply>.Continuation
    private let state = Mutex(State())

    init(ports: RuntimePorts, timers: TimerThread, retryFor: Duration) {
        self.ports = ports
        self.timers = timers
        self.retryFor = retryFor
        (replies, continuation) = AsyncStream.makeStream(bufferingPolicy: .unbounded)
    }

    /// Keeps a reply, and has it tried again in the background when that may help.
    func keep(_ reply: UndeliverableReply) async {
        let id = await ports.archive.keepUndeliverable(reply)
        guard reply.reason == .unroutable else {
            return ports.logger.warning(
                "The broker refuses a reply: it is kept, and the sender is told",
                metadata: ["reply_to": "\(reply.reply.address)", "bytes": "\(reply.reply.body.count)"])
        }
        ports.logger.warning(
            "Reply queue is gone: the reply is kept",
            metadata: ["reply_to": "\(reply.reply.address)", "tried_for": "\(retryFor.inSeconds) s"])
        tryAgain(KeptReply(id: id ?? nextUnkept(), reply: reply.reply))
    }

    /// A reply was delivered by other means: it is neither kept nor tried any longer.
    func delivered(_ id: String) async {
        state.withLock { _ = $0.trying.remove(id) }
        await ports.archive.removeUndeliverable(id)
    }

    /// Tries kept replies again until cancelled, first those of earlier processes.
    func run() async {
        for kept in await ports.archive.undelivered(limit: Self.limit) { tryAgain(kept) }
        await withDiscardingTaskGroup { group in
            for await kept in replies {
                group.addTask { await self.retry(kept) }
            }
            group.cancelAll()
        }
    }

    private func tryAgain(_ kept: KeptReply) {
        let isNew = state.withLock { state in
            let bytes = state.bytes + kept.reply.body.count
            guard state.trying.count < Self.limit, bytes <= Self.maximumBytes else { return false }
            guard state.trying.insert(kept.id).inserted else { return false }
            state.bytes = bytes
            return true
        }
        if isNew { continuation.yield(kept) }
    }

    private func retry(_ kept: KeptReply) async {
        defer {
            state.withLock { state in
                state.trying.remove(kept.id)
                state.bytes -= kept.reply.body.count
            }
        }
        let deadline = MonotonicInstant.now.advanced(by: retryFor)
        var pause = Duration.seconds(1)
        while MonotonicInstant.now < deadline {
            await timers.sleep(for: pause)
            guard !Task.isCancelled, state.withLock({ $0.trying.contains(kept.id) }) else { return }
            switch await ports.sink.reply(kept.reply) {
            case .confirmed:
                ports.logger.info("Reply delivered after all", metadata: ["reply_to": "\(kept.reply.address)"])
                return await ports.archive.removeUndeliverable(kept.id)
            case .stopped, .refused:
                return
            case .unroutable:
                pause = min(pause * 2, Self.longestPause)
            }
        }
        ports.logger.error(
            "Reply given up for now: nobody declared its queue again. It stays kept, for the next start and for journal retry-reply",
            metadata: ["reply_to": "\(kept.reply.address)"])
    }

    /// A name for what is not on disk, unlike any that is.
    private func nextUnkept() -> String {
        state.withLock { state in
            state.unkept += 1
            return "unkept-\(state.unkept)"
        }
    }
}
