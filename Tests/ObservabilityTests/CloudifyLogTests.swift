import Foundation
import Logging
import Testing

@testable import Observability

@Suite("The log of a Cloudify agent")
struct CloudifyLogTests {
    private let directory = FileManager.default.temporaryDirectory.appending(path: "log-\(UUID().uuidString)")

    private func logger(_ file: RotatingLogFile?, _ output: LogOutput) -> Logger {
        Logger(label: "operative") { CloudifyLogHandler(label: $0, level: .debug, output: output, file: file) }
    }

    @Test("A line is like the Python agent's, stays one line, and goes to the file as to the output")
    func line() throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        let path = directory.appending(path: "a.log").path
        let pipe = LogPipe()
        logger(try RotatingLogFile(path: path, maxBytes: 0, maxHistory: 0), pipe.output)
            .notice("two\nlines", metadata: ["key": "a value"])
        let lines = try pipe.finish()
        let line = try #require(lines.first)
        #expect(
            try #/ \d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} - operative - INFO - two\\nlines key="a value"/#
                .wholeMatch(in: line) != nil, "\(line)")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == line + "\n")
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test("The time is the local one")
    func localTime() throws {
        let pipe = LogPipe()
        let before = Date.now
        logger(nil, pipe.output).info("x")
        let text = try #require(try pipe.finish().first).dropFirst().prefix(19)
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.dateFormat = "yyyy-MM-dd HH:mm:ss"
        let time = try #require(format.date(from: String(text)))
        #expect(abs(time.timeIntervalSince(before)) < 120)
    }

    @Test("A file that would grow over its limit is put aside; the oldest one goes; a restart goes on where it was")
    func rotation() throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        let path = directory.appending(path: "a.log").path
        func write(_ texts: String...) throws {
            let file = try RotatingLogFile(path: path, maxBytes: 10, maxHistory: 2)
            for text in texts { file.write(Array("\(text)\n".utf8)) }
        }
        func content(_ suffix: String) -> String? { try? String(contentsOfFile: path + suffix, encoding: .utf8) }
        try write("1111", "2222")
        #expect(content("") == "1111\n2222\n")
        #expect(content(".1") == nil)
        try write("3333", "4444", "5555", "6666", "7777")
        #expect(content("") == "7777\n")
        #expect(content(".1") == "5555\n6666\n")
        #expect(content(".2") == "3333\n4444\n")
        try write("88888888888888")
        #expect(content("") == "88888888888888\n")
        #expect(content(".2") == "5555\n6666\n")
        #expect(content(".3") == nil)
    }

    @Test("A file that cannot be written is an error with its path")
    func unwritable() {
        let error = #expect(throws: RotatingLogFile.Problem.self) {
            try RotatingLogFile(path: "/proc/none/a.log", maxBytes: 10, maxHistory: 1)
        }
        #expect(error?.description.hasPrefix("/proc/none/a.log cannot be written (") == true)
    }
}
