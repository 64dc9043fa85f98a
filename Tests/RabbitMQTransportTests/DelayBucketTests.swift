import RabbitMQTransport
import Testing

@Suite("Delay buckets")
struct DelayBucketTests {
    @Test(
        "A bucket never ends before the delay, and is no wider than promised: 0.1 s to 10 s, 1.6 % to 64 s, 4.5 % above"
    )
    func width() {
        var milliseconds = 0
        while milliseconds < 86_400_000 {
            let bound = DelayBucket(for: .milliseconds(milliseconds)).upperBound
            #expect(bound >= milliseconds)
            let late = bound - milliseconds
            switch milliseconds {
            case ...10_000: #expect(late <= 100)
            case ...64_000: #expect(Double(late) <= 0.016 * Double(milliseconds))
            default: #expect(Double(late) <= 0.045 * Double(milliseconds) + 1)
            }
            milliseconds += max(1, milliseconds / 997)
        }
    }

    @Test("All delays up to 24 h share fewer than 450 buckets, and longer ones the last")
    func count() {
        var bounds: Set<Int> = []
        for milliseconds in stride(from: 0, through: 64_000, by: 10) {
            bounds.insert(DelayBucket(for: .milliseconds(milliseconds)).upperBound)
        }
        for seconds in stride(from: 64, through: 86_400, by: 1) {
            bounds.insert(DelayBucket(for: .seconds(seconds)).upperBound)
        }
        #expect(bounds.count < 450)
        #expect(bounds.max() == 86_400_000)
        #expect(DelayBucket(for: .seconds(10_000_000)).upperBound == 86_400_000)
        #expect(DelayBucket(for: .seconds(-5)).upperBound == 100)
    }

    @Test("Durations are rounded up to milliseconds, so that nothing comes early")
    func rounding() {
        #expect(Duration.microseconds(1).roundedUpMilliseconds == 1)
        #expect(Duration.microseconds(2_001).roundedUpMilliseconds == 3)
        #expect(Duration.milliseconds(-4).roundedUpMilliseconds == 0)
        #expect(Duration.seconds(Int64.max).roundedUpMilliseconds > 0)
    }
}
