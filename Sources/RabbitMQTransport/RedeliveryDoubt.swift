internal import AMQPClient

/// Tells a message that an earlier process of this agent may have begun from one that only this process gave back.
///
/// The flag of a redelivery says nothing of who had the message before. But the broker hands out in order, and what comes
/// back goes to the head again: when the first message without the flag arrives, everything that an earlier process had is
/// there already, and is remembered. What has the flag later, and is not among that, was in the hands of this process only.
struct RedeliveryDoubt {
    /// More than any prefetch leaves unacknowledged. Beyond that, every flag counts.
    private let limit: Int
    private var inherited: Set<Int> = []
    private var isInheritanceKnown = false

    init(limit: Int = 100_000) { self.limit = limit }

    /// Whether an earlier process may have begun this message. To be called for every message, in the order of arrival.
    mutating func mayHaveBegun(_ delivery: AMQPDelivery) -> Bool {
        guard delivery.redelivered else {
            isInheritanceKnown = true
            return false
        }
        if isInheritanceKnown, inherited.isEmpty { return false }
        return mayHaveBegun(message: Self.fingerprint(delivery))
    }

    /// The same for a message with the flag.
    mutating func mayHaveBegun(message: Int) -> Bool {
        if inherited.count >= limit { return true }
        if isInheritanceKnown { return inherited.contains(message) }
        inherited.insert(message)
        return true
    }

    private static func fingerprint(_ delivery: AMQPDelivery) -> Int {
        var hasher = Hasher()
        hasher.combine(delivery.correlationID)
        hasher.combine(delivery.body)
        return hasher.finalize()
    }
}
