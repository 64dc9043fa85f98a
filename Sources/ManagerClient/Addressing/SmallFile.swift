import Glibc

/// Reads small files.
enum SmallFile {
    /// Why a file could not be read, such as "cannot be read (Permission denied)".
    struct Problem: Error {
        let reason: String
    }

    /// Reads a whole file of at most `limit` bytes.
    static func read(_ path: String, limit: Int) throws(Problem) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable() }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw unreadable()
            }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= limit else { throw Problem(reason: "is larger than \(limit) bytes") }
        }
    }

    private static func unreadable() -> Problem { Problem(reason: "cannot be read (\(SystemError.current))") }
}
