internal import CAgentShims
internal import Glibc
internal import OperationProcesses
internal import Operative

/// Files and directories of installed plugins.
enum PluginFiles {
    /// What the system did not do.
    struct Failure: Recoverable, CustomStringConvertible {
        let description: String

        init(_ what: String, _ number: Int32 = errno) {
            description = unsafe "\(what) (\(String(cString: strerror(number))))"
        }
    }

    static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    static func isExecutable(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
    }

    /// The path from the root, without `.` and `..`; links are left as they are.
    static func absolute(_ path: String) -> String {
        var full = path
        if !path.hasPrefix("/"), let current = unsafe getcwd(nil, 0) {
            full = unsafe "\(String(cString: current))/\(path)"
            unsafe free(current)
        }
        var parts: [Substring] = []
        for part in full.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }

    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The names in a directory; none when it cannot be read.
    static func names(in directory: String) -> [String] { FileTree.names(in: directory) }

    /// Makes a directory and those above it, when they are missing.
    static func makeDirectory(_ path: String) throws {
        if isDirectory(path) { return }
        let above = parent(of: path)
        if above != path { try makeDirectory(above) }
        if unsafe mkdir(path, 0o755) != 0, errno != EEXIST { throw Failure("cannot make the directory \(path)") }
    }

    /// Removes whatever is at a path; links are removed, not followed. Nothing there is fine.
    static func remove(_ path: String) throws {
        let number = FileTree.remove(path)
        if number != 0 { throw Failure("cannot remove \(path)", number) }
    }

    /// Removes a directory with nothing in it.
    static func removeIfEmpty(_ path: String) { _ = unsafe rmdir(path) }

    /// Writes a text file as a whole or not at all; what it says is on the disk when this returns.
    static func write(_ text: String, to path: String) throws {
        let temporary = "\(path).\(String(UInt64.random(in: .min ... .max), radix: 36)).partial"
        let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { throw Failure("cannot write \(path)") }
        var rest = Array(text.utf8)[...]
        var problem: Failure?
        while !rest.isEmpty, problem == nil {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                problem = Failure("cannot write \(path)")
            }
        }
        if problem == nil, fsync(descriptor) != 0 { problem = Failure("cannot write \(path)") }
        close(descriptor)
        if problem == nil, unsafe rename(temporary, path) != 0 { problem = Failure("cannot write \(path)") }
        guard let problem else { return }
        unsafe unlink(temporary)
        throw problem
    }

    /// The text of a small file; nil when there is none.
    static func read(_ path: String, limit: Int = 1 << 20) throws -> String? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw Failure("cannot read \(path)")
        }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 14)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw Failure("cannot read \(path)")
            }
            if count == 0 { return String(decoding: content, as: UTF8.self) }
            content += chunk[..<count]
            guard content.count <= limit else { throw Failure("\(path) is larger than \(limit) bytes", EFBIG) }
        }
    }

    /// Has everything that was written to the directory's file system on the disk.
    static func sync(_ directory: String) throws {
        let descriptor = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure("cannot read \(directory)") }
        defer { close(descriptor) }
        guard agent_sync_file_system(descriptor) == 0 else { throw Failure("cannot write \(directory) to the disk") }
    }
}
