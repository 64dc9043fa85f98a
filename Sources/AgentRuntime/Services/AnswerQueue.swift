internal import DequeModule

/// Answers to service tasks on their way out. While the broker takes no messages they wait here, only so many, and none is sent once its asker has stopped waiting.
struct AnswerQueue {
    struct Answer {
        let reply: OutgoingReply
        /// When whoever asked stops waiting.
        let expiry: ContinuousClock.Instant
    }

    private let capacity: Int
    private let senderLimit: Int
    private var answers: Deque<Answer> = []
    private var senders = 0
    /// How many were dropped since this was last asked for.
    private var dropped = 0

    /// - Parameters:
    ///   - capacity: how many answers wait at the most, beside those that are being sent.
    ///   - senderLimit: how many are sent at once.
    init(capacity: Int, senderLimit: Int) {
        self.capacity = capacity
        self.senderLimit = senderLimit
    }

    /// Puts an answer at the end of the line. When the line is full, the answer that expires first is dropped.
    ///
    /// - Returns: true when the caller shall send: it calls `next` until that returns nil.
    mutating func add(_ answer: Answer) -> Bool {
        answers.append(answer)
        if answers.count > capacity, let first = answers.indices.min(by: { answers[$0].expiry < answers[$1].expiry }) {
            answers.remove(at: first)
            dropped += 1
        }
        guard senders < senderLimit else { return false }
        senders += 1
        return true
    }

    /// The next answer that is still waited for; nil when there is none, which ends the sender.
    mutating func next(at now: ContinuousClock.Instant) -> Answer? {
        while let answer = answers.popFirst() {
            if answer.expiry > now { return answer }
            dropped += 1
        }
        senders -= 1
        return nil
    }

    /// - Returns: how many answers were dropped since the last call.
    mutating func takeDropped() -> Int {
        defer { dropped = 0 }
        return dropped
    }
}
