import Foundation
import OperationProcesses
import Testing

@testable import PythonPlugins

@Suite("Where scripts in Python are put")
struct ScratchDirectoryTests {
    @Test(
        "Empty directories go with their script, what it has kept stays; what a killed agent leaves is removed by its next start"
    )
    func removal() throws {
        let place = NSTemporaryDirectory() + "scratch-\(UUID().uuidString)"
        let files = FileManager.default
        try files.createDirectory(atPath: place, withIntermediateDirectories: true)
        defer { try? files.removeItem(atPath: place) }
        let noted = TemporaryDirectories(notes: "\(place)/notes")
        func make() throws -> ScratchDirectory {
            let scratch = try ScratchDirectory(in: place, noted: noted, user: nil)
            try files.createDirectory(atPath: scratch.path + "/AB1CD", withIntermediateDirectories: true)
            return scratch
        }
        let over = try make()
        over.remove()
        #expect(try files.contentsOfDirectory(atPath: place) == ["notes"])

        let kept = try make()
        let file = kept.path + "/AB1CD/tool"
        try "kept".write(toFile: file, atomically: false, encoding: .utf8)
        kept.remove()
        #expect(noted.sweep() == [] && files.fileExists(atPath: file))

        let left = try make()
        try "token".write(toFile: left.path + "/AB1CD/script.py", atomically: false, encoding: .utf8)
        #expect(noted.sweep() == [] && !files.fileExists(atPath: left.path))
    }
}
