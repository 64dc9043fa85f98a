import Glibc

/// A file that gets its name when it is complete, and leaves nothing behind when it never is.
final class PartialFile: Sendable {
    private let target: String
    private let temporary: String
    private let descriptor: Int32

    /// Makes an empty file beside the target; only its owner may read it.
    init(for target: String, _ request: ManagerRequest) throws(ManagerError) {
        self.target = target
        temporary = "\(target).\(String(UInt64.random(in: .min ... .max), radix: 36)).partial"
        descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw Self.error("cannot write \(target) (\(SystemError.current))", request)
        }
    }

    deinit {
        close(descriptor)
        // Not there any more when it got its name.
        unlink(temporary)
    }

    /// Forgets what an attempt before has written.
    func restart(_ request: ManagerRequest) throws(ManagerError) {
        guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else { throw failure(request) }
    }

    func write(_ bytes: UnsafeRawBufferPointer, _ request: ManagerRequest) throws(ManagerError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if count == 0 || errno != EINTR {
                throw failure(request)
            }
        }
    }

    /// Gives the file its name; one that has it is replaced.
    func finish(_ request: ManagerRequest) throws(ManagerError) {
        guard rename(temporary, target) == 0 else { throw failure(request) }
    }

    private func failure(_ request: ManagerRequest) -> ManagerError {
        Self.error("cannot write \(target) (\(SystemError.current))", request)
    }

    private static func error(_ message: String, _ request: ManagerRequest) -> ManagerError {
        ManagerError(.localFile, message: message, request: request.summary)
    }
}
