import Glibc

/// Reads small files, with errors a person can act on.
enum LocalFile {
    /// Why a file could not be read, for example "cannot be read (Permission denied)".
    struct Problem: Error {
        let message: String
    }

    /// What one read of a file tells.
    struct Content {
        let bytes: [UInt8]
        /// Whether others than the owner and the group may read it.
        let isReadableByAll: Bool
    }

    /// Reads a whole file.
    ///
    /// - Parameters:
    ///   - path: Relative paths start at the working directory.
    ///   - limit: The largest number of bytes accepted.
    static func read(_ path: String, limit: Int) throws(Problem) -> Content {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Problem(message: "cannot be read (\(reason()))") }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw Problem(message: "cannot be read (\(reason()))") }
        guard status.st_mode & S_IFMT != S_IFDIR else { throw Problem(message: "is a directory") }

        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw Problem(message: "cannot be read (\(reason()))")
            }
            if count == 0 { return Content(bytes: bytes, isReadableByAll: status.st_mode & S_IROTH != 0) }
            bytes += chunk[..<count]
            guard bytes.count <= limit else { throw Problem(message: "is larger than \(SizeText.format(limit))") }
        }
    }

    /// Whether something exists at the path.
    static func exists(_ path: String) -> Bool {
        unsafe access(path, F_OK) == 0
    }

    private static func reason() -> String {
        unsafe String(cString: strerror(errno))
    }
}
