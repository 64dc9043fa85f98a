import Foundation

/// A place for state directories of one test; removed with the last reference.
final class StatePlace: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "/operative-journal-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The permission bits of something below the place.
    func mode(of name: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")
        return (attributes[.posixPermissions] as? Int ?? 0) & 0o777
    }
}
