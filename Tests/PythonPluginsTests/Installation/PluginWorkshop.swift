import AgentTestSupport
import Foundation
import ManagerTestServer

/// A plugin made for tests: a wagon for managers and an archive of its source, made once for all tests.
struct PluginWorkshop: Sendable {
    /// The wagon.
    let wagon: [UInt8]
    /// The source as a blueprint has it.
    let source: [UInt8]
    /// The interpreter that takes the place of the agent's own.
    let python: String

    static let package = "tiny-plugin"
    static let version = "1.2"

    private static let shared = Task { try await make() }

    /// Made by the first who asks.
    static func ready() async throws -> PluginWorkshop { try await shared.value }

    private static func make() async throws -> PluginWorkshop {
        let python = try await TestPython.interpreter()
        let root = try TemporaryDirectory()
        let project = "\(root.path)/\(package)"
        try FileManager.default.createDirectory(atPath: "\(project)/tiny_plugin", withIntermediateDirectories: true)
        try "from setuptools import setup\nsetup(name='\(package)', version='\(version)', packages=['tiny_plugin'])\n"
            .write(toFile: "\(project)/setup.py", atomically: false, encoding: .utf8)
        try "".write(toFile: "\(project)/tiny_plugin/__init__.py", atomically: false, encoding: .utf8)
        try "def answer(**_):\n    return 42\n"
            .write(toFile: "\(project)/tiny_plugin/tasks.py", atomically: false, encoding: .utf8)
        try "# none\n".write(toFile: "\(project)/requirements.txt", atomically: false, encoding: .utf8)
        let archives = try await PluginArchives(project: project, python: python)
        return PluginWorkshop(wagon: archives.wagon, source: archives.source, python: python)
    }
}
