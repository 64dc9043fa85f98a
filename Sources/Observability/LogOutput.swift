import Glibc

/// Where log lines go: a file descriptor, one system call for each line.
///
/// Lines of several threads, and of child processes that share the descriptor, therefore never mix.
public struct LogOutput: Sendable {
    /// Standard output.
    public static let standardOutput = LogOutput(descriptor: STDOUT_FILENO)
    /// Standard error.
    public static let standardError = LogOutput(descriptor: STDERR_FILENO)

    private let descriptor: Int32

    /// An output to an open descriptor, which stays the caller's.
    public init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// How long a line waits for a full, non-blocking descriptor before it is given up, in milliseconds.
    private static let patience: Int32 = 1000

    /// Writes a line. What cannot be written is lost: there is nowhere to complain.
    func write(_ line: [UInt8]) {
        var rest = line[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                guard unsafe poll(&request, 1, Self.patience) > 0 else { return }
            } else if errno != EINTR {
                return
            }
        }
    }
}
