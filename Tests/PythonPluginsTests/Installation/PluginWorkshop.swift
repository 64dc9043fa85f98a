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

    /// The interpreter of `scripts/python-env`.
    static func interpreter() async throws -> String {
        let output = try await Command.run(Command.repositoryRoot + "/scripts/python-env", [])
        guard let path = output.split(separator: "\n").last else { throw POSIXError(.ENOENT) }
        return String(path)
    }

    private static func make() async throws -> PluginWorkshop {
        let python = try await interpreter()
        let root = try TemporaryDirectory()
        let project = "\(root.path)/\(package)"
        try FileManager.default.createDirectory(atPath: "\(project)/tiny_plugin", withIntermediateDirectories: true)
        try "from setuptools import setup\nsetup(name='\(package)', version='\(version)', packages=['tiny_plugin'])\n"
            .write(toFile: "\(project)/setup.py", atomically: false, encoding: .utf8)
        try "".write(toFile: "\(project)/tiny_plugin/__init__.py", atomically: false, encoding: .utf8)
        try "def answer(**_):\n    return 42\n"
            .write(toFile: "\(project)/tiny_plugin/tasks.py", atomically: false, encoding: .utf8)
        try "# none\n".write(toFile: "\(project)/requirements.txt", atomically: false, encoding: .utf8)
        let zip = "import shutil, sys; shutil.make_archive(sys.argv[1], 'zip', sys.argv[2], sys.argv[3])"
        try await Command.run(python, ["-c", zip, "\(root.path)/plugin", root.path, package])
        try await Command.run(
            python,
            [
                "-m", "wagon", "create", project, "-o", "\(root.path)/out", "--wheel-args",
                "--no-index --no-deps --no-build-isolation",
            ])
        let name = try FileManager.default.contentsOfDirectory(atPath: "\(root.path)/out").first ?? ""
        return PluginWorkshop(
            wagon: try bytes("\(root.path)/out/\(name)"), source: try bytes("\(root.path)/plugin.zip"), python: python)
    }

    private static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: path)))
    }
}
