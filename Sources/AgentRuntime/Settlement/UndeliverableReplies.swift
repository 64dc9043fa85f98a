internal import AgentExecutors
internal import Logging
internal import Synchronization

/// Replies that no queue would take. Each is kept on disk at once and tried again with growing pauses for a while; the manager may be about to declare its queue again.
final class UndeliverableReplies: Sendable {
    /// So many replies are tried again at a time; further ones are only kept on disk.
    private static let limit = 1_000
    private static let longestPause = Duration.seconds(30)

    private let ports: RuntimePorts
    private let timers: TimerThread
    private let retryFor: Duration
    private let replies: AsyncStream<Kept>
    private let continuation: AsyncStream<Kept>.Continuation
    private let retrying = Mutex(0)

    private struct Kept: Sendable {
        let reply: OutgoingReply
        let remove: @Sendable () async -> Void
    }

    init(ports: RuntimePorts, timers: TimerThread, retryFor: Duration) {
        self.ports = ports
        self.timers = timers
        self.retryFor = retryFor
        (replies, continuation) = AsyncStream.makeStream(bufferingPolicy: .unbounded)
    }

    /// Keeps a reply and has it tried again in the background.
    func keep(_ reply: OutgoingReply) async {
        let remove = await ports.archive.keepUndeliverable(reply)
        ports.logger.warning(
            "Reply queue is gone: the reply is kept",
            metadata: ["reply_to": "\(reply.address)", "tried_for": "\(retryFor.inSeconds) s"])
        let isRoom = retrying.withLock { count in
            guard count < Self.limit else { return false }
            count += 1
            return true
        }
        if isRoom { continuation.yield(Kept(reply: reply, remove: remove)) }
    }

    /// Tries kept replies again until cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await kept in replies {
                group.addTask { await self.retry(kept) }
            }
            group.cancelAll()
        }
    }

    private func retry(_ kept: Kept) async {
        defer { retrying.withLock { $0 -= 1 } }
        let deadline = MonotonicInstant.now.advanced(by: retryFor)
        var pause = Duration.seconds(1)
        while MonotonicInstant.now < deadline {
            await timers.sleep(for: pause)
            guard !Task.isCancelled else { return }
            switch await ports.sink.reply(kept.reply) {
            case .confirmed:
                ports.logger.info("Reply delivered after all", metadata: ["reply_to": "\(kept.reply.address)"])
                return await kept.remove()
            case .stopped, .refused:
                return
            case .unroutable:
                pause = min(pause * 2, Self.longestPause)
            }
        }
        ports.logger.error(
            "Reply given up: nobody declared its queue again. It stays in undeliverable/ of the state directory",
            metadata: ["reply_to": "\(kept.reply.address)"])
    }
}
