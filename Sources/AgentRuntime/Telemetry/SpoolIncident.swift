/// What goes wrong in the telemetry spool, to be said once when it begins and once when it is over.
struct SpoolIncident {
    enum News: Hashable {
        case diskWorks
        case dropping
        case overLimit
        case dropped(Int)
    }

    private var isDiskFailing = false
    private var dropped = 0
    private var isOverLimit = false

    /// - Returns: whether this is news.
    mutating func diskFailed() -> Bool {
        defer { isDiskFailing = true }
        return !isDiskFailing
    }

    /// - Parameter isEmpty: nothing waits any more.
    mutating func committed(_ effect: TelemetryChange.Effect, isEmpty: Bool) -> [News] {
        var news: [News] = []
        if isDiskFailing { news.append(.diskWorks) }
        isDiskFailing = false
        if effect.dropped > 0, dropped == 0 { news.append(.dropping) }
        dropped += effect.dropped
        if effect.isOverLimit, !isOverLimit { news.append(.overLimit) }
        isOverLimit = effect.isOverLimit
        if isEmpty, dropped > 0 {
            news.append(.dropped(dropped))
            dropped = 0
        }
        return news
    }
}
