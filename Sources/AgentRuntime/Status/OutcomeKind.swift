/// How an attempt ended, in one word.
package enum OutcomeKind: String, Sendable, Hashable, CaseIterable {
    case succeeded
    case failed
    /// Put aside for another attempt, or answered so that the manager tries again.
    case rescheduled
    case cancelled
    /// It asked the agent to stop.
    case stoppedAgent = "stopped_agent"
    /// The agent stopped; the next one resumes it.
    case handedOn = "handed_on"
}

extension OutcomeKind {
    init(_ verdict: Verdict) {
        switch verdict {
        case .succeed: self = .succeeded
        case .fail: self = .failed
        case .park, .answerRetry: self = .rescheduled
        case .endSilently: self = .cancelled
        case .stopAgent: self = .stoppedAgent
        }
    }
}
