import FoundationEssentials
import Synchronization

/// Files that operations download in a test. Deleted with the environment.
final class TemporaryFiles: Sendable {
    private let root: URL
    private let count = Mutex(0)

    init() {
        root = FileManager.default.temporaryDirectory.appending(path: "operative-test-\(UUID().uuidString)")
    }

    deinit { try? FileManager.default.removeItem(at: root) }

    /// A new, empty directory.
    func makeDirectory() throws -> String {
        let number = count.withLock { count in
            count += 1
            return count
        }
        let directory = root.appending(path: "\(number)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        return directory.path
    }

    /// Writes a file, and the directories that it needs.
    func write(_ content: [UInt8], to path: String) throws {
        let file = URL(filePath: path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(content).write(to: file)
    }

    func read(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path))) }
}
