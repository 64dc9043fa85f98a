import Foundation
import Logging
import Testing

@testable import Observability

@Suite("Log handlers")
struct LogHandlerTests {
    private static let hostile = "one\ntwo\r\u{1b}[31m\u{85}\u{2028}\u{0}\u{7f}\tend \"quoted\" back\\slash ü €"

    private func lines(_ body: (Logger) -> Void, _ handler: (String, LogOutput) -> any LogHandler) throws -> [String] {
        let pipe = LogPipe()
        body(Logger(label: "test.log") { handler($0, pipe.output) })
        return try pipe.finish()
    }

    private func textLines(_ body: (Logger) -> Void) throws -> [String] {
        try lines(body) { TextLogHandler(label: $0, level: .debug, output: $1) }
    }

    private func objects(_ body: (Logger) -> Void) throws -> [[String: Any]] {
        try lines(body) { JSONLogHandler(label: $0, level: .debug, output: $1) }.map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
    }

    @Test("A text line has time, level, label, message and sorted metadata")
    func textLine() throws {
        let lines = try textLines { $0.info("hello there", metadata: ["zeta": "1", "alpha": "two words", "m": ""]) }
        #expect(lines.count == 1)
        let line = try #require(lines.first)
        #expect(line.hasSuffix(#"Z info test.log: hello there alpha="two words" m="" zeta=1"#))
        #expect(line.prefixMatch(of: #/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /#) != nil)
    }

    @Test("Whatever is logged, a text record stays one line without control characters")
    func textStaysOnItsLine() throws {
        let lines = try textLines {
            $0.info("\(Self.hostile)", metadata: ["key\n": "\(Self.hostile)", "list": ["\(Self.hostile)"]])
        }
        #expect(lines.count == 1)
        let line = try #require(lines.first)
        #expect(!line.unicodeScalars.contains { $0.properties.generalCategory == .control })
        #expect(!line.contains("\u{2028}"))
        #expect(line.contains(#"one\ntwo\r\u{001B}[31m"#) || line.contains(#"one\ntwo\r\u{1B}[31m"#))
        #expect(line.contains("ü €"))
    }

    @Test("Whatever is logged, a JSON record is one line that reads back as the same text")
    func jsonRoundTrip() throws {
        let objects = try objects { $0.error("\(Self.hostile)", metadata: ["key\n": "\(Self.hostile)"]) }
        #expect(objects.count == 1)
        let object = try #require(objects.first)
        #expect(object["message"] as? String == Self.hostile)
        #expect((object["metadata"] as? [String: String]) == ["key\n": Self.hostile])
        #expect(object["level"] as? String == "error")
        #expect(object["logger"] as? String == "test.log")
    }

    @Test("JSON metadata keeps its structure, with numbers and truth values as such")
    func jsonMetadata() throws {
        let lines = try lines {
            $0.info(
                "m",
                metadata: [
                    "number": .stringConvertible(7), "truth": .stringConvertible(true),
                    "real": .stringConvertible(Double.infinity), "nested": ["b": "2", "a": ["x", "y"]],
                ])
        } _: {
            JSONLogHandler(label: $0, output: $1)
        }
        let line = try #require(lines.first)
        #expect(
            line.hasSuffix(
                #""metadata":{"nested":{"a":["x","y"],"b":"2"},"number":7,"real":"inf","truth":true}}"#))
    }

    @Test("The event's metadata wins over the provider's, and that over the logger's")
    func metadataPrecedence() throws {
        let pipe = LogPipe()
        var logger = Logger(label: "test.log") {
            TextLogHandler(
                label: $0, output: pipe.output, metadataProvider: .init { ["b": "provider", "c": "provider"] })
        }
        logger[metadataKey: "a"] = "logger"
        logger[metadataKey: "b"] = "logger"
        logger.info("m", metadata: ["c": "event"])
        #expect(try pipe.finish().first?.hasSuffix(" m a=logger b=provider c=event") == true)
    }

    @Test("Records below the level are not written")
    func level() throws {
        #expect(try textLines { $0.trace("no") }.isEmpty)
        #expect(try textLines { $0.debug("yes") }.count == 1)
    }

    @Test(
        "Severities are written for journald in syslog's numbers",
        arguments: zip(Logger.Level.allCases, [7, 7, 6, 5, 4, 3, 2]))
    func priorities(level: Logger.Level, priority: Int) throws {
        let pipe = LogPipe()
        let logger = Logger(label: "l") {
            TextLogHandler(label: $0, level: .trace, output: pipe.output, showsPriority: true)
        }
        logger.log(level: level, "m")
        #expect(try pipe.finish().first?.hasPrefix("<\(priority)>2") == true)
    }

    @Test("Lines of many threads never mix")
    func concurrency() async throws {
        let pipe = LogPipe()
        let output = pipe.output
        let payload = String(repeating: "x", count: 300)
        await withTaskGroup { group in
            for writer in 0..<8 {
                group.addTask {
                    let logger = Logger(label: "w\(writer)") { JSONLogHandler(label: $0, output: output) }
                    for _ in 0..<8 { logger.info("\(payload)") }
                }
            }
        }
        let lines = try pipe.finish()
        #expect(lines.count == 64)
        #expect(lines.allSatisfy { $0.hasPrefix("{\"time\"") && $0.hasSuffix("\(payload)\"}") })
    }

    @Test("A closed descriptor loses the line and nothing else")
    func closedDescriptor() {
        Logger(label: "l") { TextLogHandler(label: $0, output: LogOutput(descriptor: -1)) }.info("lost")
    }

    @Test("The journal is recognised by device and inode of the stream")
    func journalStream() throws {
        var status = stat()
        let pipe = Pipe()
        let descriptor = pipe.fileHandleForWriting.fileDescriptor
        #expect(fstat(descriptor, &status) == 0)
        let own = ["JOURNAL_STREAM": "\(status.st_dev):\(status.st_ino)"]
        #expect(JournalStream.isConnected(descriptor, environment: own))
        #expect(!JournalStream.isConnected(descriptor, environment: ["JOURNAL_STREAM": "1:2"]))
        #expect(!JournalStream.isConnected(descriptor, environment: ["JOURNAL_STREAM": "x"]))
        #expect(!JournalStream.isConnected(descriptor, environment: [:]))
    }
}
