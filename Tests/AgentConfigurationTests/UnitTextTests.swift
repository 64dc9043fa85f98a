import AgentConfiguration
import TestRandomness
import Testing

@Suite("Durations and sizes as people write them")
struct UnitTextTests {
    @Test(
        "Durations are read with their unit, plain numbers are seconds",
        arguments: [
            ("500ms", Duration.milliseconds(500)), ("30s", .seconds(30)), ("10m", .seconds(600)),
            ("2h", .seconds(7200)),
            ("30d", .seconds(2_592_000)), ("45", .seconds(45)), ("1.5s", .milliseconds(1500)), ("0", .zero),
        ])
    func durations(text: String, duration: Duration) {
        #expect(DurationText.parse(text) == duration)
    }

    @Test(
        "Anything else is no duration",
        arguments: ["", "s", "-1s", "1 s", "1S", "1w", "1.2.3", ".5s", "1e3s", "9999999d", "٣s", "inf", "nan"])
    func notDurations(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test(
        "Sizes are read with binary units, plain numbers are bytes",
        arguments: [("16MiB", 16 << 20), ("512kib", 512 << 10), ("1GiB", 1 << 30), ("7", 7), ("7B", 7)])
    func sizes(text: String, size: Int) {
        #expect(SizeText.parse(text) == size)
    }

    @Test(
        "Anything else is no size", arguments: ["", "MiB", "-1", "1.5MiB", "16MB", "1 MiB", "99999999999GiB", "0x10"])
    func notSizes(text: String) {
        #expect(SizeText.parse(text) == nil)
    }

    @Test("What is written is read back as the same value")
    func roundTrip() {
        var generator = SeededGenerator(seed: 2026)
        for _ in 0..<1000 {
            let milliseconds = Int64.random(in: 0...(100 * 365 * 86_400_000), using: &generator)
            let duration = Duration.milliseconds(milliseconds)
            #expect(DurationText.parse(DurationText.format(duration)) == duration)
            let bytes = Int.random(in: 0...Int.max, using: &generator)
            #expect(SizeText.parse(SizeText.format(bytes)) == bytes)
        }
    }
}
