internal import Glibc
internal import Operative

/// A directory of an example's own under the system's directory for temporary files.
struct TemporaryDirectory {
    let path: String

    static func create(prefix: String) throws -> TemporaryDirectory {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(base)/\(prefix)-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw NonRecoverableError("No temporary directory can be made in \(base).")
        }
        return TemporaryDirectory(
            path: String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self))
    }

    func write(_ text: String, to name: String) throws {
        guard SmallFile.write(text, to: "\(path)/\(name)") else {
            throw NonRecoverableError("\(path)/\(name) cannot be written.")
        }
    }

    func read(_ name: String) -> String? { SmallFile.read("\(path)/\(name)") }

    /// Removes the files that the examples make, then the directory.
    func remove() {
        for name in ["index.html", "server.log", "running"] { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}
