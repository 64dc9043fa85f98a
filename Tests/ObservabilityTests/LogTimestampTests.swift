import Foundation
import Testing

@testable import Observability

@Suite("Timestamps of log lines")
struct LogTimestampTests {
    private func text(_ milliseconds: Int64) -> String {
        var line: [UInt8] = []
        LogTimestamp.append(milliseconds, to: &line)
        return String(decoding: line, as: UTF8.self)
    }

    @Test(
        "Known moments are written in UTC with milliseconds",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_795_219_273_213, "2026-11-21T00:01:13.213Z"), (4_107_542_399_999, "2100-02-28T23:59:59.999Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
        ])
    func knownMoments(milliseconds: Int64, expected: String) {
        #expect(text(milliseconds) == expected)
    }

    @Test("Every day from 1970 to 2400 agrees with Foundation's calendar")
    func everyDay() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
        for day in stride(from: Int64(0), to: 157_000, by: 1) {
            let parts = calendar.dateComponents(
                [.year, .month, .day], from: Date(timeIntervalSince1970: Double(day) * 86_400))
            let expected = String(
                format: "%04d-%02d-%02dT00:00:00.000Z", parts.year ?? 0, parts.month ?? 0, parts.day ?? 0)
            guard text(day * 86_400_000) == expected else {
                Issue.record("day \(day): \(text(day * 86_400_000)) instead of \(expected)")
                return
            }
        }
    }

    @Test("Now is now")
    func now() {
        #expect(abs(Double(LogTimestamp.now()) / 1000 - Date().timeIntervalSince1970) < 60)
    }
}
