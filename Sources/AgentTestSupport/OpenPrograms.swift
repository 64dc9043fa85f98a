internal import Foundation

/// Programs of this build for users who may not enter the folder of the build.
public enum OpenPrograms {
    /// Copies programs to where any user can run them who may enter the folders above.
    ///
    /// - Parameters:
    ///   - names: What they are called in the folder of the build.
    ///   - directory: Made if it is missing.
    public static func copy(_ names: [String], to directory: String) throws {
        guard let built = Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent() else {
            throw CocoaError(.fileNoSuchFile)
        }
        let manager = FileManager.default
        try manager.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try manager.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory)
        for name in names {
            try manager.copyItem(atPath: built.appending(path: name).path, toPath: "\(directory)/\(name)")
        }
    }

    /// Whether a user can run a copy of a program of this build.
    static func canBeRun(by user: String) async -> Bool {
        let directory = FileManager.default.temporaryDirectory.appending(path: "open-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        do {
            try copy(["ctx"], to: directory)
            let user = ["--reuid=\(user)", "--regid=65534", "--clear-groups"]
            try await Command.run("setpriv", user + ["\(directory)/ctx", "--help"])
            return true
        } catch {
            return false
        }
    }
}
