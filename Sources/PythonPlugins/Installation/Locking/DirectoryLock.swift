internal import CAgentShims
internal import Glibc
internal import Synchronization

/// A lock on a directory that agents of one machine share, Python agents too: the file `<directory>.lock`, locked as their library locks
/// files (`fcntl`).
///
/// The lock belongs to the open file, not to the process, so that two holders within a process exclude each other as well. It ends with
/// the process in any case; the file says nothing.
final class DirectoryLock: Sendable {
    /// How long whoever waits rests between attempts: the longer it has waited, the longer, up to a limit.
    private static let pauses = (step: Duration.milliseconds(10), longest: Duration.milliseconds(100))

    private let path: String
    private let descriptor: Mutex<Int32?>

    private init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = Mutex(descriptor)
    }

    deinit { release() }

    /// Waits until nobody else holds the lock of a directory. Directories above it are made when they are missing.
    ///
    /// - Throws: `CancellationError`, or what the system says about the file.
    static func acquire(
        _ directory: String, sleep: @Sendable (Duration) async throws -> Void
    ) async throws -> DirectoryLock {
        var pause = pauses.step
        while true {
            try Task.checkCancellation()
            if let lock = try attempt(directory) { return lock }
            try await sleep(pause)
            pause = min(pause + pauses.step, pauses.longest)
        }
    }

    /// - Returns: nil while somebody else holds it.
    static func attempt(_ directory: String) throws -> DirectoryLock? {
        let path = "\(directory).lock"
        try PluginFiles.makeDirectory(PluginFiles.parent(of: path))
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            // Whoever uninstalls the last version removes the directory above.
            if errno == ENOENT { return nil }
            throw PluginFiles.Failure("cannot open \(path)")
        }
        let lock = DirectoryLock(path: path, descriptor: descriptor)
        guard agent_try_lock_file(descriptor) == 0 else {
            if errno == EAGAIN || errno == EACCES || errno == EINTR { return nil }
            throw PluginFiles.Failure("cannot lock \(path)")
        }
        // Whoever held it before may have removed the file: then others lock another one of its name.
        return names(descriptor, path) ? lock : nil
    }

    /// Gives the lock up.
    func release() {
        let descriptor = descriptor.withLock { descriptor in
            defer { descriptor = nil }
            return descriptor
        }
        if let descriptor { close(descriptor) }
    }

    /// Removes the file, for a holder who has nothing left to protect.
    func removeFile() { _ = unsafe unlink(path) }

    private static func names(_ descriptor: Int32, _ path: String) -> Bool {
        var own = stat()
        var named = stat()
        return unsafe fstat(descriptor, &own) == 0 && stat(path, &named) == 0 && own.st_ino == named.st_ino
            && own.st_dev == named.st_dev
    }
}
