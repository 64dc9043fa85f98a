internal import Glibc

/// Files that change together: each one as a whole, and all of them back when one cannot.
struct FileSet {
    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    /// What was there before; nil when there was nothing.
    private var originals: [(path: String, bytes: [UInt8]?)] = []

    /// The content of a file; nil when there is none.
    static func read(_ path: String) throws(Problem) -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw problem(path, "cannot be read")
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw problem(path, "cannot be read") }
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
        }
    }

    /// Puts a new content in the place of a file, which keeps its mode. After a loss of power there is the one or the other.
    ///
    /// - Returns: false when that was its content already; it is left alone then.
    @discardableResult
    mutating func write(_ bytes: [UInt8], to path: String) throws(Problem) -> Bool {
        let original = try Self.read(path)
        guard original != bytes else { return false }
        originals.append((path, original))
        try Self.replace(path, with: bytes)
        return true
    }

    /// Undoes everything, as far as that is possible.
    func restore() {
        for (path, bytes) in originals.reversed() {
            if let bytes {
                try? Self.replace(path, with: bytes)
            } else {
                unsafe unlink(path)
            }
        }
    }

    private static func replace(_ path: String, with bytes: [UInt8]) throws(Problem) {
        // A link stays one.
        let path =
            unsafe realpath(path, nil).map { resolved in
                defer { unsafe free(resolved) }
                return unsafe String(cString: resolved)
            } ?? path
        var status = stat()
        let mode = unsafe stat(path, &status) == 0 ? status.st_mode & 0o777 : 0o600
        let draft = "\(path).new"
        unsafe unlink(draft)
        let descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw problem(path, "cannot be written") }
        var rest = bytes[...]
        var isWritten = fchmod(descriptor, mode) == 0
        while isWritten, !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            isWritten = count > 0
            if isWritten { rest = rest.dropFirst(count) }
        }
        isWritten = isWritten && fsync(descriptor) == 0
        let failure = errno
        close(descriptor)
        guard isWritten, unsafe rename(draft, path) == 0 else {
            if !isWritten { errno = failure }
            let problem = problem(path, "cannot be written")
            unsafe unlink(draft)
            throw problem
        }
    }

    private static func problem(_ path: String, _ message: String) -> Problem {
        Problem(description: unsafe "\(path) \(message) (\(String(cString: strerror(errno))))")
    }
}
