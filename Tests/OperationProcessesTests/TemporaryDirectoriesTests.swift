import Foundation
import OperationProcesses
import Operative
import Testing

@Suite("Temporary directories that a killed agent has left")
struct TemporaryDirectoriesTests {
    private let files = FileManager.default

    @Test("What is noted is removed by the next start; links in it and what is behind them are not followed")
    func sweep() throws {
        try TemporaryPlace.with { place in
            let noted = TemporaryDirectories(notes: "\(place)/notes")
            try files.createDirectory(atPath: "\(place)/kept", withIntermediateDirectories: true)
            try "kept".write(toFile: "\(place)/kept/file", atomically: false, encoding: .utf8)
            let left = try noted.make(in: place, prefix: "left-")
            let over = try noted.make(in: place, prefix: "over-")
            for path in [left, over] {
                try files.createDirectory(atPath: "\(path)/a/b", withIntermediateDirectories: true)
            }
            try files.createSymbolicLink(atPath: "\(left)/a/link", withDestinationPath: "\(place)/kept")
            noted.remove(over)
            #expect(try notes(place).map { $0.drop { $0 != "/" } } == [left[...]])
            #expect(TemporaryDirectories(notes: "\(place)/notes").sweep() == [])
            #expect(try TemporaryPlace.names(place) == ["kept", "notes"])
            #expect(try notes(place) == [])
            #expect(try TemporaryPlace.names("\(place)/kept") == ["file"])
        }
    }

    @Test(
        "A directory is noted before it is made: of one that was about to be made only an empty one is removed, the other is named"
    )
    func unmade() throws {
        try TemporaryPlace.with { place in
            let noted = TemporaryDirectories(notes: "\(place)/notes")
            try files.createDirectory(atPath: "\(place)/notes", withIntermediateDirectories: false)
            try files.createDirectory(atPath: "\(place)/full/file", withIntermediateDirectories: true)
            try files.createDirectory(atPath: "\(place)/made", withIntermediateDirectories: false)
            for name in ["full", "made", "unmade"] {
                try files.createSymbolicLink(
                    atPath: "\(place)/notes/\(name)", withDestinationPath: "0 \(place)/\(name)")
            }
            #expect(noted.sweep() == [.replaced(path: "\(place)/full")])
            #expect(try TemporaryPlace.names(place) == ["full", "notes"])
            #expect(try notes(place) == [])
        }
    }

    @Test("What cannot be noted is not made, not even for a moment")
    func noteFirst() throws {
        try TemporaryPlace.with { place in
            try "".write(toFile: "\(place)/notes", atomically: false, encoding: .utf8)
            let parent = "\(place)/parent"
            try files.createDirectory(atPath: parent, withIntermediateDirectories: false)
            try files.setAttributes([.modificationDate: Date(timeIntervalSince1970: 1)], ofItemAtPath: parent)
            let noted = TemporaryDirectories(notes: "\(place)/notes")
            #expect(throws: RecoverableError.self) { try noted.make(in: parent) }
            let touched = try files.attributesOfItem(atPath: parent)[.modificationDate] as? Date
            #expect(touched == Date(timeIntervalSince1970: 1))
        }
    }

    @Test("What cannot be made is not noted")
    func failed() throws {
        try TemporaryPlace.with { place in
            let noted = TemporaryDirectories(notes: "\(place)/notes")
            #expect(throws: RecoverableError.self) { try noted.make(in: "\(place)/nowhere") }
            let left = try notes(place)
            #expect(left == [])
        }
    }

    @Test("What somebody else has put in the place of a noted directory is left alone, and named")
    func replaced() throws {
        try TemporaryPlace.with { place in
            let noted = TemporaryDirectories(notes: "\(place)/notes")
            let left = try noted.make(in: place, prefix: "left-")
            try files.moveItem(atPath: left, toPath: "\(place)/moved")
            try files.createDirectory(atPath: left, withIntermediateDirectories: true)
            #expect(noted.sweep() == [.replaced(path: left)])
            #expect(try TemporaryPlace.names(place).count == 3)
            #expect(try notes(place) == [])
        }
    }

    @Test("Directories of one name in two places are both noted")
    func sameName() throws {
        try TemporaryPlace.with { place in
            let noted = TemporaryDirectories(notes: "\(place)/notes")
            for parent in ["a", "b"] {
                try files.createDirectory(atPath: "\(place)/\(parent)", withIntermediateDirectories: true)
                #expect(try noted.make(in: "\(place)/\(parent)", prefix: "same", letters: 0).hasSuffix("/same"))
            }
            #expect(try notes(place).count == 2)
            #expect(noted.sweep() == [])
            for parent in ["a", "b"] { #expect(try TemporaryPlace.names("\(place)/\(parent)") == []) }
        }
    }

    @Test("Nothing is noted by an agent that has run no operation yet")
    func nothing() { #expect(TemporaryDirectories(notes: "/nowhere/at/all").sweep() == []) }

    /// What the notes say.
    private func notes(_ place: String) throws -> [String] {
        try TemporaryPlace.names("\(place)/notes").map {
            try files.destinationOfSymbolicLink(atPath: "\(place)/notes/\($0)")
        }
    }
}
