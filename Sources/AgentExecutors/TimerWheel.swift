internal import HeapModule

/// Deadlines in slots of equal width. Adding and removing are cheap even with a hundred thousand far deadlines that are nearly always removed before they come.
///
/// Pure: the caller tells the time.
struct TimerWheel<Payload> {
    /// The width of a slot within the next ten seconds: how much later than its deadline a payload may come out.
    static var fineWidth: Duration { .milliseconds(20) }
    /// The width of a slot further away. Few wide slots keep the memory flat when every operation brings a deadline of hours.
    static var coarseWidth: Duration { .seconds(1) }
    private static var fineReach: Int64 { 10_000_000_000 }

    private var slots: [Int64: [UInt64: Payload]] = [:]
    private var order = Heap<Int64>()
    private var slotOf: [UInt64: Int64] = [:]
    private var nextIdentifier: UInt64 = 1

    /// How many slots hold a place in the heap.
    var slotCount: Int { order.count }

    /// The earliest moment at which something may be due; nil when nothing waits.
    var nextDeadline: MonotonicInstant? {
        order.min.map { MonotonicInstant(nanoseconds: $0) }
    }

    /// - Returns: an identifier for `remove`.
    mutating func add(_ payload: Payload, at deadline: MonotonicInstant, now: MonotonicInstant) -> UInt64 {
        let slot = Self.slot(of: deadline, now: now)
        let identifier = nextIdentifier
        nextIdentifier &+= 1
        if slots[slot] == nil { order.insert(slot) }
        slots[slot, default: [:]][identifier] = payload
        slotOf[identifier] = slot
        return identifier
    }

    /// Removes what `add` returned this identifier for; no effect when it has come out already.
    mutating func remove(_ identifier: UInt64) {
        guard let slot = slotOf.removeValue(forKey: identifier) else { return }
        slots[slot]?[identifier] = nil
        // An emptied slot keeps its place in the heap until its time, but not its storage.
        if slots[slot]?.isEmpty == true { slots[slot] = [:] }
    }

    /// Takes out everything that is due at `now`, earliest slots first.
    mutating func removeDue(at now: MonotonicInstant) -> [Payload] {
        var due: [Payload] = []
        while let slot = order.min, slot <= now.nanoseconds {
            order.removeMin()
            for (identifier, payload) in slots.removeValue(forKey: slot) ?? [:] {
                slotOf[identifier] = nil
                due.append(payload)
            }
        }
        return due
    }

    /// The end of the slot, in nanoseconds, that a deadline falls into. Rounded up: nothing comes out early.
    private static func slot(of deadline: MonotonicInstant, now: MonotonicInstant) -> Int64 {
        let isFar = deadline.nanoseconds > now.nanoseconds &+ fineReach
        let width = (isFar ? coarseWidth : fineWidth).clampedNanoseconds
        let nanoseconds = max(0, min(deadline.nanoseconds, .max - width))
        return (nanoseconds + width - 1) / width * width
    }
}
