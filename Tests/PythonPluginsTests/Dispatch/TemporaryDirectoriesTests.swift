import Foundation
import Testing

@testable import PythonPlugins

@Suite("Temporary directories that a killed agent has left")
struct TemporaryDirectoriesTests {
    @Test("What is noted is removed by the next start; links in it and what is behind them are not followed")
    func sweep() throws {
        try TemporaryPlace.with { place in
            let noted = TemporaryDirectories(notes: "\(place)/notes")
            try FileManager.default.createDirectory(atPath: "\(place)/kept", withIntermediateDirectories: true)
            try "kept".write(toFile: "\(place)/kept/file", atomically: false, encoding: .utf8)
            let left = try DispatchDirectory(
                for: "plugin.task", in: place, noted: noted, input: Array("token".utf8), user: nil)
            try FileManager.default.createDirectory(
                atPath: "\(left.path)/a/b", withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(
                atPath: "\(left.path)/a/link", withDestinationPath: "\(place)/kept")
            let over = try DispatchDirectory(for: "plugin.task", in: place, noted: noted, input: [], user: nil)
            over.remove()
            #expect(try names("\(place)/notes") == [String(left.path.dropFirst(place.utf8.count + 1))])
            #expect(TemporaryDirectories(notes: "\(place)/notes").sweep() == [])
            #expect(try names(place) == ["kept", "notes"])
            #expect(try names("\(place)/notes") == [])
            #expect(try names("\(place)/kept") == ["file"])
        }
    }

    @Test("A directory that cannot be noted is not left, and its task may be tried again")
    func unwritable() throws {
        try TemporaryPlace.with { place in
            try "".write(toFile: "\(place)/notes", atomically: false, encoding: .utf8)
            let noted = TemporaryDirectories(notes: "\(place)/notes")
            #expect(throws: (any Error).self) {
                try DispatchDirectory(for: "plugin.task", in: place, noted: noted, input: [], user: nil)
            }
            #expect(try names(place) == ["notes"])
        }
    }

    @Test("Nothing is noted by an agent that has run no operation yet")
    func nothing() { #expect(TemporaryDirectories(notes: "/nowhere/at/all").sweep() == []) }

    private func names(_ path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    }
}

private enum TemporaryPlace {
    static func with(_ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "left-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }
}
