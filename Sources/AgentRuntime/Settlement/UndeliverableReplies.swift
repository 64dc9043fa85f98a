internal import AgentExecutors
internal import Logging
internal import Synchronization

/// Replies that no queue would take. Each is kept on disk at once and tried again with growing pauses for a while, and so is what an earlier process has kept; the manager may be about to declare its queue again.
final class UndeliverableReplies: Sendable {
    /// What the tries at present may hold together.
    private static let maximumBytes = 64 << 20
    private static let longestPause = Duration.seconds(30)
    /// So many are read from the disk at once.
    private static let portion = 100
    /// So many that were given up are remembered; one that is forgotten may be tried for another while.
    private static let givenUpLimit = 100_000

    /// What makes a reply the same as one that is kept already: told to copies of a task, it is tried once.
    private struct Identity: Hashable {
        let address: String
        let correlationID: String?
        let body: [UInt8]

        init(_ reply: OutgoingReply) {
            address = reply.address
            correlationID = reply.correlationID
            body = reply.body
        }
    }

    /// A reply that is tried again at present.
    private struct Attempt: Sendable {
        /// Tells it from an earlier one for the same reply.
        let number: Int
        let reply: OutgoingReply
    }

    private struct Entry {
        let number: Int
        /// What it is kept as, more than once when copies of its task were answered.
        var ids: [String]
    }

    private struct State {
        var trying: [Identity: Entry] = [:]
        var bytes = 0
        var attempts = 0
        /// Of those that could not be written to disk.
        var unkept = 0
        /// The last one on disk that was looked at; nil before the first.
        var cursor: String?
        /// Nothing on disk is left to be looked at.
        var isExhausted = false
        /// Given up in this process: the cursor passes them over.
        var givenUp: Set<String> = []
    }

    private let ports: RuntimePorts
    private let timers: TimerThread
    private let retryFor: Duration
    /// So many replies are tried again at a time; further ones wait on disk for a place.
    private let limit: Int
    private let attempts: AsyncStream<Attempt>
    private let start: AsyncStream<Attempt>.Continuation
    /// Says that there may be a place for what waits on disk.
    private let places: AsyncStream<Void>
    private let place: AsyncStream<Void>.Continuation
    private let state = Mutex(State())

    init(ports: RuntimePorts, timers: TimerThread, retryFor: Duration, limit: Int) {
        self.ports = ports
        self.timers = timers
        self.retryFor = retryFor
        self.limit = limit
        (attempts, start) = AsyncStream.makeStream(bufferingPolicy: .unbounded)
        (places, place) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
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
        if !tryAgain(KeptReply(id: id ?? nextUnkept(), reply: reply.reply)) {
            state.withLock { $0.isExhausted = false }
            place.yield()
        }
    }

    /// A reply was delivered by other means: it is neither kept nor tried any longer.
    func delivered(_ id: String) async {
        let ids: [String] = state.withLock { state in
            guard let (identity, entry) = state.trying.first(where: { $0.value.ids.contains(id) }) else { return [id] }
            state.bytes -= identity.body.count
            state.trying[identity] = nil
            return entry.ids
        }
        for id in ids { await ports.archive.removeUndeliverable(id) }
        place.yield()
    }

    /// Tries kept replies again until cancelled, first those of earlier processes.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.takeUp() }
            for await attempt in attempts {
                group.addTask { await self.retry(attempt) }
            }
            group.cancelAll()
        }
    }

    /// Takes up what waits on disk, the oldest first, whenever there is a place for it.
    private func takeUp() async {
        place.yield()
        for await _ in places {
            while let (cursor, room) = state.withLock({ state -> (String?, Int)? in
                let room = limit - state.trying.count
                return state.isExhausted || room <= 0 ? nil : (state.cursor, room)
            }) {
                // What is kept from now on and finds no place says so itself.
                state.withLock { $0.isExhausted = true }
                let page = await ports.archive.undelivered(after: cursor, limit: min(room, Self.portion))
                guard !page.isEmpty, !Task.isCancelled else { break }
                let isAllTaken = page.allSatisfy { kept in
                    guard isGivenUp(kept.id) || tryAgain(kept) else { return false }
                    state.withLock { $0.cursor = kept.id }
                    return true
                }
                state.withLock { $0.isExhausted = false }
                if !isAllTaken { break }
            }
        }
    }

    private func isGivenUp(_ id: String) -> Bool { state.withLock { $0.givenUp.remove(id) != nil } }

    /// - Returns: false when there is no place for it at present.
    private func tryAgain(_ kept: KeptReply) -> Bool {
        let identity = Identity(kept.reply)
        let (isTaken, attempt): (Bool, Attempt?) = state.withLock { state in
            if var entry = state.trying[identity] {
                if !entry.ids.contains(kept.id) { entry.ids.append(kept.id) }
                state.trying[identity] = entry
                return (true, nil)
            }
            let bytes = state.bytes + kept.reply.body.count
            guard state.trying.count < limit, bytes <= Self.maximumBytes || state.trying.isEmpty else {
                return (false, nil)
            }
            state.bytes = bytes
            state.attempts += 1
            state.trying[identity] = Entry(number: state.attempts, ids: [kept.id])
            return (true, Attempt(number: state.attempts, reply: kept.reply))
        }
        if let attempt { start.yield(attempt) }
        return isTaken
    }

    private func isWanted(_ attempt: Attempt) -> Bool {
        state.withLock { $0.trying[Identity(attempt.reply)]?.number == attempt.number }
    }

    /// Frees the place of an attempt.
    ///
    /// - Parameter givesUp: the reply stays on disk, and is not taken up again by this process.
    /// - Returns: what it is kept as.
    private func end(_ attempt: Attempt, givesUp: Bool) -> [String] {
        let identity = Identity(attempt.reply)
        let ids: [String] = state.withLock { state in
            guard let entry = state.trying[identity], entry.number == attempt.number else { return [] }
            state.trying[identity] = nil
            state.bytes -= identity.body.count
            if state.givenUp.count >= Self.givenUpLimit { state.givenUp = [] }
            if givesUp { state.givenUp.formUnion(entry.ids) }
            return entry.ids
        }
        place.yield()
        return ids
    }

    private func retry(_ attempt: Attempt) async {
        let reply = attempt.reply
        let deadline = MonotonicInstant.now.advanced(by: retryFor)
        var pause = Duration.seconds(1)
        while MonotonicInstant.now < deadline {
            await timers.sleep(for: pause)
            guard !Task.isCancelled, isWanted(attempt) else { return }
            switch await ports.sink.reply(reply) {
            case .confirmed:
                ports.logger.info("Reply delivered after all", metadata: ["reply_to": "\(reply.address)"])
                for id in end(attempt, givesUp: false) { await ports.archive.removeUndeliverable(id) }
                return
            case .stopped:
                return
            case .refused:
                _ = end(attempt, givesUp: true)
                return
            case .unroutable:
                pause = min(pause * 2, Self.longestPause)
            }
        }
        _ = end(attempt, givesUp: true)
        ports.logger.error(
            "Reply given up for now: nobody declared its queue again. It stays kept, for the next start and for journal retry-reply",
            metadata: ["reply_to": "\(reply.address)"])
    }

    /// A name for what is not on disk, unlike any that is.
    private func nextUnkept() -> String {
        state.withLock { state in
            state.unkept += 1
            return "unkept-\(state.unkept)"
        }
    }
}
