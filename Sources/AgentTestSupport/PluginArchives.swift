internal import Foundation

/// A Python plugin in the forms in which agents get it.
public struct PluginArchives: Sendable {
    /// The wagon that a manager has.
    public let wagon: [UInt8]
    /// The archive of its source that a blueprint has.
    public let source: [UInt8]

    /// Makes both.
    ///
    /// - Parameters:
    ///   - project: The folder with its `setup.py`, which stays as it is.
    ///   - python: An interpreter with `wagon`.
    public init(project: String, python: String) async throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "plugin-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: root) }
        let name = project.split(separator: "/").last.map(String.init) ?? "plugin"
        let copy = "\(root)/\(name)"
        try FileManager.default.copyItem(atPath: project, toPath: copy)
        let zip = "import shutil, sys; shutil.make_archive(sys.argv[1], 'zip', sys.argv[2], sys.argv[3])"
        try await Command.run(python, ["-c", zip, "\(root)/source", root, name])
        try await Command.run(
            python,
            [
                "-m", "wagon", "create", copy, "-o", "\(root)/wagon", "--wheel-args",
                "--no-index --no-deps --no-build-isolation",
            ])
        let wagon = try FileManager.default.contentsOfDirectory(atPath: "\(root)/wagon").first ?? ""
        self.wagon = Array(try Data(contentsOf: URL(filePath: "\(root)/wagon/\(wagon)")))
        source = Array(try Data(contentsOf: URL(filePath: "\(root)/source.zip")))
    }
}
