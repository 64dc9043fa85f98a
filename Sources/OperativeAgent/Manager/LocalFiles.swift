internal import Glibc
internal import Operative

/// Files and directories of this machine.
enum LocalFiles {
    /// What the system did not do.
    struct Failure: Recoverable, CustomStringConvertible {
        let description: String

        init(_ what: String, _ number: Int32 = errno) {
            description = unsafe "\(what) (\(String(cString: strerror(number))))"
        }
    }

    /// What there is at a path, without following links.
    enum Kind {
        case file(Modification)
        case directory
        case other
    }

    static func isDirectory(_ path: String) -> Bool {
        if case .directory = kind(of: path) { return true }
        return false
    }

    /// - Returns: nil when there is nothing.
    static func kind(of path: String) -> Kind? {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return nil }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file(Modification(status.st_mtim))
        case S_IFDIR: return .directory
        default: return .other
        }
    }

    /// Makes a directory and those above it, when they are missing.
    static func makeDirectory(_ path: String) throws {
        if isDirectory(path) { return }
        let parent = directory(of: path)
        if !parent.isEmpty, parent != path, parent != "/" { try makeDirectory(parent) }
        if unsafe mkdir(path, 0o755) != 0, errno != EEXIST { throw Failure("cannot make the directory \(path)") }
    }

    /// Makes the directories above a file within `root`, and refuses links on the way: they may lead anywhere.
    static func makeParents(of name: String, in root: String) throws {
        var path = root
        for part in name.split(separator: "/").dropLast() {
            path += "/\(part)"
            switch kind(of: path) {
            case .directory: break
            case nil:
                if unsafe mkdir(path, 0o755) != 0, errno != EEXIST {
                    throw Failure("cannot make the directory \(path)")
                }
            case .file, .other: throw Failure("\(path) is in the way of a directory", ENOTDIR)
            }
        }
    }

    /// Makes a directory with a name of its own.
    static func makeTemporaryDirectory(in parent: String) throws -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
        while true {
            let path = parent + "/" + String((0..<5).map { _ in letters[Int.random(in: 0..<letters.count)] })
            if unsafe mkdir(path, 0o700) == 0 { return path }
            guard errno == EEXIST else { throw Failure("cannot make the directory \(path)") }
        }
    }

    /// Writes a file as a whole or not at all; one that is there is replaced.
    static func write(_ content: [UInt8], to path: String) throws {
        let temporary = "\(path).\(String(UInt64.random(in: .min ... .max), radix: 36)).partial"
        let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Failure("cannot write \(path)") }
        var offset = 0
        while offset < content.count {
            let count = unsafe content.withUnsafeBytes { bytes in
                unsafe Glibc.write(descriptor, bytes.baseAddress.map { unsafe $0 + offset }, bytes.count - offset)
            }
            if count > 0 {
                offset += count
            } else if errno != EINTR {
                let failure = Failure("cannot write \(path)")
                close(descriptor)
                unsafe unlink(temporary)
                throw failure
            }
        }
        close(descriptor)
        guard unsafe rename(temporary, path) == 0 else {
            let failure = Failure("cannot write \(path)")
            unsafe unlink(temporary)
            throw failure
        }
    }

    /// Reads a file; nil when there is none.
    static func read(_ path: String, limit: Int) throws -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw Failure("cannot read \(path)")
        }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw Failure("cannot read \(path)")
            }
            if count == 0 { return content }
            content += chunk[..<count]
            guard content.count <= limit else { throw Failure("\(path) is larger than \(limit) bytes", EFBIG) }
        }
    }

    /// Removes a file; one that is not there is fine.
    static func remove(_ path: String) throws {
        if unsafe unlink(path) != 0, errno != ENOENT { throw Failure("cannot remove \(path)") }
    }

    /// The files below a directory, by their path within it. Links are left out: they may lead anywhere.
    static func files(below root: String) throws -> [String: Modification] {
        var files: [String: Modification] = [:]
        try collect(root, prefix: "", depth: 0, into: &files)
        return files
    }

    static func setModification(_ modification: Modification, of path: String) throws {
        let times = [modification.time, modification.time]
        guard unsafe utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW) == 0 else {
            throw Failure("cannot set the time of \(path)")
        }
    }

    static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Removes a directory with all that is in it, without following links, as far as that is possible.
    static func removeTree(_ path: String) {
        guard isDirectory(path) else {
            try? remove(path)
            return
        }
        for name in (try? names(in: path)) ?? [] { removeTree("\(path)/\(name)") }
        unsafe rmdir(path)
    }

    private static func collect(
        _ directory: String, prefix: String, depth: Int, into files: inout [String: Modification]
    ) throws {
        guard depth < 64 else { throw Failure("\(directory) is nested too deeply", ELOOP) }
        for name in try names(in: directory) {
            switch kind(of: "\(directory)/\(name)") {
            case .file(let modification): files[prefix + name] = modification
            case .directory:
                try collect("\(directory)/\(name)", prefix: "\(prefix)\(name)/", depth: depth + 1, into: &files)
            case .other, nil: break
            }
        }
    }

    /// What is in a directory; nothing when there is none.
    private static func names(in directory: String) throws -> [String] {
        guard let listing = unsafe opendir(directory) else {
            if errno == ENOENT { return [] }
            throw Failure("cannot read the directory \(directory)")
        }
        defer { unsafe closedir(listing) }
        var names: [String] = []
        while let entry = unsafe readdir(listing) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
