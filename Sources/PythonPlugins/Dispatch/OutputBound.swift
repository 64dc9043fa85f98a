internal import AgentExecutors
internal import Glibc
internal import Synchronization

/// Keeps the file that a process appends to from filling the disk: beyond a limit only its last part stays, behind a line that says so.
final class OutputBound: Sendable {
    /// What stays of a file that is too large, in bytes.
    static let kept = 256 << 10

    private let file: Int32
    private let limit: Int
    private let interval: Duration
    private let timers: TimerThread
    private let timer = Mutex<(token: TimerThread.Token?, isOver: Bool)>((nil, false))

    /// - Parameters:
    ///   - path: the file, which is made when it is missing.
    ///   - limit: its bytes.
    ///   - interval: how often it is looked at; a process can write much in that time.
    /// - Returns: nil when it cannot be opened.
    init?(_ path: String, limit: Int, interval: Duration = .seconds(1), timers: TimerThread) {
        file = unsafe open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { return nil }
        self.limit = max(limit, Self.kept)
        self.interval = interval
        self.timers = timers
        schedule()
    }

    deinit { close(file) }

    /// Looks at it a last time. To be called when the process has ended.
    func finish() {
        let token = timer.withLock { timer in
            timer.isOver = true
            return timer.token
        }
        if let token { timers.cancel(token) }
        cut()
    }

    private func schedule() {
        timer.withLock { timer in
            guard !timer.isOver else { return }
            timer.token = timers.schedule(after: interval) { [weak self] in
                self?.cut()
                self?.schedule()
            }
        }
    }

    private func cut() {
        var status = stat()
        guard unsafe fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > limit else {
            return
        }
        var tail = [UInt8](repeating: 0, count: Self.kept)
        let count = unsafe tail.withUnsafeMutableBytes {
            unsafe pread(file, $0.baseAddress, $0.count, status.st_size - Self.kept)
        }
        let dropped = Int(status.st_size) - max(0, count)
        // Whoever appends goes on at the new end.
        guard ftruncate(file, 0) == 0 else { return }
        let note = "\n... \(dropped) bytes of output were dropped here: more than \(limit) are not kept ...\n"
        write(Array(note.utf8) + tail.prefix(max(0, count)))
    }

    private func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
