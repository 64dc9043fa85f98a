import Glibc

/// Tells whether the log goes to journald, which then understands severities at the beginning of lines.
public enum JournalStream {
    /// Whether standard error is the stream that systemd connected to journald, see `JOURNAL_STREAM` in systemd.exec(5).
    public static func isStandardError(environment: [String: String]) -> Bool {
        isConnected(STDERR_FILENO, environment: environment)
    }

    static func isConnected(_ descriptor: Int32, environment: [String: String]) -> Bool {
        guard let stream = environment["JOURNAL_STREAM"] else { return false }
        let parts = stream.split(separator: ":")
        guard parts.count == 2, let device = UInt64(parts[0]), let inode = UInt64(parts[1]) else { return false }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { return false }
        return UInt64(status.st_dev) == device && UInt64(status.st_ino) == inode
    }
}
