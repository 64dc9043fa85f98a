import Glibc

/// The directory in which an agent keeps what must survive a restart. It belongs to one agent at a time.
///
/// The directory has mode 0700. The lock ends with the process, however that ends.
public final class StateDirectory: Sendable {
    /// Its path.
    public let path: String
    /// Whether no agent ever used it before. A directory that only exists, as systemd makes it, does not count.
    public let wasCreated: Bool

    private let lock: Int32

    /// Makes the directory when absent, closes it to others and locks it.
    ///
    /// - Throws: ``JournalError`` with `locked` when another agent holds it, naming its process.
    public init(path: String) throws(JournalError) {
        self.path = path
        try Self.makeDirectory(path)
        let lockPath = "\(path)/lock"
        let isNew = unsafe access(lockPath, F_OK) != 0
        let descriptor = unsafe open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw JournalError.system("cannot open \(lockPath)") }
        guard Self.lock(descriptor) else {
            let number = errno
            let holder = Self.holder(descriptor).map { " (process \($0))" } ?? ""
            close(descriptor)
            guard number == EWOULDBLOCK else { throw JournalError.system("cannot lock \(lockPath)", number: number) }
            throw JournalError(
                .locked,
                "state directory \(path) is in use by another agent\(holder);"
                    + " stop that one, or give this one its own state_directory")
        }
        Self.writeHolder(descriptor)
        lock = descriptor
        wasCreated = isNew
    }

    deinit {
        close(lock)
    }

    /// The path of something in the directory.
    public func path(of name: String) -> String {
        "\(path)/\(name)"
    }

    /// Makes a directory within, when it is missing, for its owner alone.
    ///
    /// - Parameter names: its path, each part a plain name.
    /// - Returns: its path.
    /// - Throws: ``JournalError`` when the system refuses, or a name is none.
    public func makeDirectory(_ names: [String]) throws(JournalError) -> String {
        var directory = path
        for name in names {
            guard !name.isEmpty, name != ".", name != "..", !name.utf8.contains(UInt8(ascii: "/")),
                !name.utf8.contains(0)
            else { throw JournalError(.system, "'\(name.prefix(100))' cannot be the name of a directory") }
            directory += "/\(name)"
            try Self.makeDirectory(directory)
        }
        return directory
    }

    /// Makes a directory with mode 0700, and the ones above it with the usual mode.
    static func makeDirectory(_ path: String) throws(JournalError) {
        let parent = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        if !parent.isEmpty, unsafe access(parent, F_OK) != 0 {
            try makeParents(parent)
        }
        if unsafe mkdir(path, 0o700) != 0, errno != EEXIST {
            throw JournalError.system("cannot make directory \(path)")
        }
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw JournalError.system("cannot open directory \(path)") }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw JournalError.system("cannot examine \(path)") }
        if status.st_mode & 0o777 != 0o700, fchmod(descriptor, 0o700) != 0 {
            throw JournalError.system("cannot close directory \(path) to others")
        }
    }

    private static func makeParents(_ path: String) throws(JournalError) {
        var prefix = ""
        for component in path.split(separator: "/", omittingEmptySubsequences: false) {
            prefix += prefix.isEmpty && component.isEmpty ? "" : String(component)
            if !prefix.isEmpty, unsafe mkdir(prefix, 0o755) != 0, errno != EEXIST {
                throw JournalError.system("cannot make directory \(prefix)")
            }
            prefix += "/"
        }
    }

    /// How long the lock of an agent that is gone is waited for, in milliseconds.
    private static let patience = 5_000

    /// Takes the lock; that of an agent that runs is not waited for.
    ///
    /// An agent that was killed may leave it for a moment to a process that it was about to start: that has everything open
    /// which the agent had until it runs its own program.
    private static func lock(_ descriptor: Int32) -> Bool {
        for _ in 0..<(patience / 10) {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
            guard errno == EWOULDBLOCK, let holder = holder(descriptor), kill(holder, 0) != 0, errno == ESRCH
            else { break }
            usleep(10_000)
        }
        return flock(descriptor, LOCK_EX | LOCK_NB) == 0
    }

    /// The pid of the last agent that had the lock.
    private static func holder(_ descriptor: Int32) -> Int32? {
        var buffer = [UInt8](repeating: 0, count: 32)
        let count = unsafe pread(descriptor, &buffer, buffer.count, 0)
        let text = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
        return Int32(text.prefix { $0 != "\n" })
    }

    /// Says who has the lock, and whether it is worth waiting for; the lock itself does not depend on it.
    private static func writeHolder(_ descriptor: Int32) {
        let text = Array("\(getpid())\n".utf8)
        _ = ftruncate(descriptor, 0)
        _ = unsafe pwrite(descriptor, text, text.count, 0)
    }
}
