import AgentExecutors
import Foundation
import Testing

@testable import PythonPlugins

@Suite("Output of processes that flood", .timeLimit(.minutes(1)))
struct OutputBoundTests {
    private let path = NSTemporaryDirectory() + "output-\(UUID().uuidString).log"

    private func size() throws -> Int {
        try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
    }

    /// Appends, as a process does that has had the file open all the time.
    private func append(_ bytes: Int, _ last: String, to file: FileHandle) throws {
        try file.write(contentsOf: Data(repeating: UInt8(ascii: "x"), count: bytes))
        try file.write(contentsOf: Data("\n\(last)\n".utf8))
    }

    @Test("A file is cut while it is written to; whoever writes goes on, and the end is never lost")
    func whileRunning() async throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let limit = 1 << 20
        let bound = try #require(
            OutputBound(path, limit: limit, interval: .milliseconds(10), timers: TimerThread()))
        let descriptor = unsafe open(path, O_WRONLY | O_APPEND)
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        for round in 0..<3 {
            try append(limit, "round \(round)", to: file)
            // What stays is written back just after the cut.
            var text = ""
            while text.utf8.count > limit || !text.hasSuffix("x\nround \(round)\n") {
                try await Task.sleep(for: .milliseconds(5))
                text = try String(contentsOfFile: path, encoding: .utf8)
            }
            #expect(text.contains("bytes of output were dropped here"))
        }
        bound.finish()
    }

    @Test("A file below the limit is left as it is, and one that grew in the last moment is cut at the end")
    func atTheEnd() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let limit = 1 << 20
        let bound = try #require(OutputBound(path, limit: limit, interval: .seconds(3600), timers: TimerThread()))
        let file = try #require(FileHandle(forWritingAtPath: path))
        try append(limit / 2, "first", to: file)
        bound.finish()
        #expect(try size() == limit / 2 + 7)
        try append(limit, "last", to: file)
        bound.finish()
        #expect(try size() < limit)
        #expect(try String(contentsOfFile: path, encoding: .utf8).hasSuffix("\nlast\n"))
    }
}
