internal import Glibc

/// Whole files.
package enum FileContents {
    /// - Returns: nil when there is no such file, or it cannot be read to its end.
    package static func read(_ path: String) -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return read(descriptor)
    }

    /// What is left of an open file; nil when it cannot be read to its end.
    static func read(_ descriptor: Int32) -> [UInt8]? {
        var bytes: [UInt8] = []
        while true {
            var problem: Int32 = 0
            let part = unsafe [UInt8](unsafeUninitializedCapacity: 16_384) { buffer, count in
                let got = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                if got < 0 { problem = errno }
                count = max(0, got)
            }
            if problem == EINTR { continue }
            if problem != 0 { return nil }
            if part.isEmpty { return bytes }
            bytes += part
        }
    }

    /// Whether there is certainly no such file, which is not known when the system does not tell.
    package static func isMissing(_ path: String) -> Bool {
        var status = stat()
        return unsafe lstat(path, &status) != 0 && errno == ENOENT
    }
}
