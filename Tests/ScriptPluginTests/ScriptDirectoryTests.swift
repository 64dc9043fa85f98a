import Foundation
import OperationProcesses
import Operative
import OperativeTestKit
import Testing

@testable import ScriptPlugin

@Suite("Directories of scripts")
struct ScriptDirectoryTests {
    @Test("A script's directory is noted while it runs, for the next start of a killed agent, and forgotten with it")
    func noted() async throws {
        let stage = try ScriptStage()
        let notes = "\(stage.work)/notes"
        var settings = stage.settings()
        settings.temporaryDirectories = TemporaryDirectories(notes: notes)
        let result = await stage.run(
            // The note has the inode before the path.
            "ctx returns \"$(readlink \(notes)/* | cut -d' ' -f2) $0\"", in: TestEnvironment(node: "web"),
            plugin: stage.plugin(settings))
        let paths = try #require(result.value?.stringValue).split(separator: " ").map(String.init)
        #expect(paths.count == 2 && paths.first.map { paths.last?.hasPrefix("\($0)/") ?? false } == true, "\(paths)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: notes) == [])
        #expect(stage.leftovers == [])
    }
}
