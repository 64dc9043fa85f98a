internal import Glibc

/// One of the broker's queues for messages that wait: all those whose delay lies between two neighbouring bounds.
///
/// A queue lets messages out at its head only, so a message may wait behind one with a longer delay: at most as long as the bucket is wide.
/// The bounds therefore lie close together: every 100 ms up to 10 s, 64 to the doubling up to 64 s, 16 to the doubling up to 24 h.
package struct DelayBucket: Sendable, Hashable {
    /// The longest delay this bucket takes, in milliseconds. It is the queue's `x-message-ttl` and part of its name.
    package let upperBound: Int

    /// The longest that a message can stay in the broker in one go. Longer delays are made of several stays.
    package static let longestStay = Duration.seconds(86_400)

    /// The bucket for a delay, which is held within 0 and `longestStay`.
    package init(for delay: Duration) {
        let milliseconds = min(delay.roundedUpMilliseconds, Self.longestStay.roundedUpMilliseconds)
        switch milliseconds {
        case ...Self.fineLimit:
            upperBound = max(1, (milliseconds + Self.fineStep - 1) / Self.fineStep) * Self.fineStep
        case ...Self.middleLimit:
            upperBound = Self.bound(
                above: milliseconds, start: Self.fineLimit, perDoubling: 64, end: Self.middleLimit)
        default:
            upperBound = Self.bound(
                above: milliseconds, start: Self.middleLimit, perDoubling: 16,
                end: Self.longestStay.roundedUpMilliseconds)
        }
    }

    private static let fineStep = 100
    private static let fineLimit = 10_000
    private static let middleLimit = 64_000

    /// The smallest bound of a geometric series that is not below `milliseconds`.
    private static func bound(above milliseconds: Int, start: Int, perDoubling: Int, end: Int) -> Int {
        func member(_ index: Int) -> Int {
            min(end, Int((Double(start) * exp2(Double(index) / Double(perDoubling))).rounded(.up)))
        }
        // The logarithm may be off by a rounding error; the neighbours settle it.
        var index = max(1, Int(log2(Double(milliseconds) / Double(start)) * Double(perDoubling)))
        while member(index) < milliseconds { index += 1 }
        while index > 1, member(index - 1) >= milliseconds { index -= 1 }
        return member(index)
    }
}

extension Duration {
    /// Whole milliseconds, rounded up, so that nothing that waits for them comes early. Never negative.
    package var roundedUpMilliseconds: Int {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (fromSeconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000)
        guard !overflow, fromSeconds < .max - 1_000 else { return .max - 1_000 }
        return Int(fromSeconds + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
