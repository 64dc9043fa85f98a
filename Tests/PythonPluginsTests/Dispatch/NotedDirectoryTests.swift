import Foundation
import OperationProcesses
import Testing

@testable import PythonPlugins

@Suite("Directories of dispatched tasks")
struct NotedDirectoryTests {
    @Test("A directory that cannot be noted is not left, and its task may be tried again")
    func unwritable() throws {
        let place = FileManager.default.temporaryDirectory.appending(path: "noted-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: place) }
        try "".write(toFile: "\(place)/notes", atomically: false, encoding: .utf8)
        let noted = TemporaryDirectories(notes: "\(place)/notes")
        #expect(throws: (any Error).self) {
            try DispatchDirectory(for: "plugin.task", in: place, noted: noted, input: [], user: nil)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: place) == ["notes"])
    }
}
