internal import Glibc
internal import Synchronization

/// A log file that is put aside when it has grown, as Python's `RotatingFileHandler` does it: `agent.log` becomes `agent.log.1`, that one
/// `agent.log.2`, and the last one goes.
public final class RotatingLogFile: Sendable {
    /// Why the file cannot be written.
    public struct Problem: Error, Sendable, CustomStringConvertible {
        /// The path and the reason.
        public let description: String
    }

    private struct State {
        var descriptor: Int32
        var size: Int
    }

    private let path: String
    private let maxBytes: Int
    private let maxHistory: Int
    private let state: Mutex<State>

    /// Opens the file, or makes it, with its directory, readable for the agent's user only.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - maxBytes: How large it may become; 0 for no limit.
    ///   - maxHistory: How many older files are kept; with 0 the file grows without limit, as in Python.
    public init(path: String, maxBytes: Int, maxHistory: Int) throws(Problem) {
        self.path = path
        self.maxBytes = maxBytes
        self.maxHistory = maxHistory
        if let slash = path.lastIndex(of: "/"), slash > path.startIndex {
            unsafe mkdir(String(path[..<slash]), 0o755)
        }
        state = Mutex(try Self.open(path))
    }

    deinit {
        state.withLock { _ = close($0.descriptor) }
    }

    /// Appends a line. What cannot be written is lost: there is nowhere to complain.
    func write(_ line: [UInt8]) {
        state.withLock { state in
            if maxBytes > 0, maxHistory > 0, state.size > 0, state.size + line.count > maxBytes { rotate(&state) }
            LogOutput(descriptor: state.descriptor).write(line)
            state.size += line.count
        }
    }

    /// Begins a new file when the old one has grown, as others may append to it, too.
    func rotateWhenGrown() {
        state.withLock { state in
            var status = stat()
            if unsafe fstat(state.descriptor, &status) == 0 { state.size = Int(status.st_size) }
            if maxBytes > 0, maxHistory > 0, state.size >= maxBytes { rotate(&state) }
        }
    }

    /// Begins a new file. Where that is impossible the old one goes on: a long log is better than none.
    private func rotate(_ state: inout State) {
        for number in stride(from: maxHistory - 1, to: 0, by: -1) {
            unsafe rename("\(path).\(number)", "\(path).\(number + 1)")
        }
        unsafe rename(path, "\(path).1")
        guard let fresh = try? Self.open(path) else { return }
        close(state.descriptor)
        state = fresh
    }

    private static func open(_ path: String) throws(Problem) -> State {
        let descriptor = unsafe Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw Problem(description: unsafe "\(path) cannot be written (\(String(cString: strerror(errno))))")
        }
        var status = stat()
        return State(descriptor: descriptor, size: unsafe fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0)
    }
}
