internal import Synchronization

/// Which loops have come round since they were last asked to.
final class LoopProgress: Sendable {
    /// What a round has found.
    struct Round {
        /// The loops that have not answered since an earlier round.
        var stuck: [String] = []
        /// The loops that are to be asked now.
        var asked: [MonitoredLoop] = []
    }

    private let loops: [MonitoredLoop]
    private let unanswered = Mutex<Set<String>>([])

    init(_ loops: [MonitoredLoop]) { self.loops = loops }

    /// Looks who has answered, and asks them again. A loop that still owes an answer is not asked a second time.
    func nextRound() -> Round {
        unanswered.withLock { unanswered in
            var round = Round()
            for loop in loops {
                if unanswered.insert(loop.name).inserted {
                    round.asked.append(loop)
                } else {
                    round.stuck.append(loop.name)
                }
            }
            return round
        }
    }

    func answered(_ loop: MonitoredLoop) { unanswered.withLock { _ = $0.remove(loop.name) } }
}
