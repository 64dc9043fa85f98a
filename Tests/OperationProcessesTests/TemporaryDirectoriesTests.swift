import Foundation
import OperationProcesses
import Testing

@Suite("Temporary directories that a killed agent has left")
struct TemporaryDirectoriesTests {
    @Test("What is noted is removed by the next start; links in it and what is behind them are not followed")
    func sweep() throws {
        try TemporaryPlace.with { place in
            let noted = TemporaryDirectories(notes: "\(place)/notes")
            try FileManager.default.createDirectory(atPath: "\(place)/kept", withIntermediateDirectories: true)
            try "kept".write(toFile: "\(place)/kept/file", atomically: false, encoding: .utf8)
            for name in ["left", "over"] {
                try FileManager.default.createDirectory(
                    atPath: "\(place)/\(name)/a/b", withIntermediateDirectories: true)
                try noted.add("\(place)/\(name)")
            }
            try FileManager.default.createSymbolicLink(
                atPath: "\(place)/left/a/link", withDestinationPath: "\(place)/kept")
            noted.remove("\(place)/over")
            #expect(try names("\(place)/notes") == ["left"])
            #expect(TemporaryDirectories(notes: "\(place)/notes").sweep() == [])
            #expect(try names(place) == ["kept", "notes"])
            #expect(try names("\(place)/notes") == [])
            #expect(try names("\(place)/kept") == ["file"])
        }
    }

    @Test("What somebody else has put in the place of a noted directory is left alone")
    func replaced() throws {
        try TemporaryPlace.with { place in
            let noted = TemporaryDirectories(notes: "\(place)/notes")
            try FileManager.default.createDirectory(atPath: "\(place)/left", withIntermediateDirectories: true)
            try noted.add("\(place)/left")
            try FileManager.default.moveItem(atPath: "\(place)/left", toPath: "\(place)/moved")
            try FileManager.default.createDirectory(atPath: "\(place)/left", withIntermediateDirectories: true)
            #expect(noted.sweep() == [])
            #expect(try names(place) == ["left", "moved", "notes"])
            #expect(try names("\(place)/notes") == [])
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
