internal import Glibc
internal import OperationProcesses
internal import Operative

/// The directory by which the agent and one dispatched process talk: `input.json` there, `output.json` back. Nobody else can read it.
struct DispatchDirectory: Sendable {
    /// The largest `output.json` that is read: what is larger goes through no broker either.
    static let outputLimit = 128 << 20

    let path: String
    private let noted: TemporaryDirectories

    /// Makes the directory and writes `input.json`.
    ///
    /// - Parameters:
    ///   - parent: where it is made.
    ///   - noted: where it is noted as long as it is there.
    ///   - user: whom it is to belong to; nil for the agent's own user.
    init(
        for taskName: String, in parent: String, noted: TemporaryDirectories = .unnoted, input: [UInt8],
        user: LocalUser?
    ) throws {
        self.noted = noted
        path = try noted.make(in: parent, prefix: "task-\(Self.label(of: taskName))-")
        do {
            try write(input, to: "\(path)/input.json", user: user)
            if let user, unsafe chown(path, user.id, user.group) != 0 {
                throw Self.failure("\(path) cannot be given to the user \(user.name)")
            }
        } catch {
            remove()
            throw error
        }
    }

    /// The first and the last part of a task's name, as far as they can be part of a file's name.
    static func label(of taskName: String) -> String {
        let parts = taskName.split(separator: ".", omittingEmptySubsequences: false)
        let label = "\(parts.first ?? "").\(parts.last ?? "")"
        return String(
            decoding: label.utf8.prefix(100).map { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    byte
                default: UInt8(ascii: "_")
                }
            }, as: UTF8.self)
    }

    /// What the process has written; nil when it has written nothing.
    ///
    /// - Throws: when it is no file, or larger than ``outputLimit``.
    func output() throws -> [UInt8]? {
        let name = "\(path)/output.json"
        // Not through a link: the plugin may run as another user than the agent.
        let file = unsafe open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw Self.failure("The operation's output.json cannot be opened")
        }
        defer { close(file) }
        var status = stat()
        guard unsafe fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw NonRecoverableError("The operation's output.json is no file.")
        }
        guard status.st_size <= Self.outputLimit else {
            throw NonRecoverableError(
                "The operation's output.json has \(status.st_size) bytes, and at most \(Self.outputLimit) are read.")
        }
        var content = [UInt8](repeating: 0, count: Int(status.st_size))
        var length = 0
        while length < content.count {
            let count = unsafe content.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(file, buffer.baseAddress.map { unsafe $0 + length }, buffer.count - length)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            length += count
        }
        return Array(content.prefix(length))
    }

    /// Removes the directory with all that is in it.
    func remove() { noted.remove(path) }

    private func write(_ content: [UInt8], to file: String, user: LocalUser?) throws {
        let descriptor = unsafe open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Self.failure("\(file) cannot be made") }
        defer { close(descriptor) }
        var offset = 0
        while offset < content.count {
            let count = unsafe content.withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress.map { unsafe $0 + offset }, buffer.count - offset)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure("\(file) cannot be written") }
            offset += count
        }
        if let user, fchown(descriptor, user.id, user.group) != 0 {
            throw Self.failure("\(file) cannot be given to the user \(user.name)")
        }
    }

    private static func failure(_ what: String) -> RecoverableError {
        RecoverableError(unsafe "\(what) (\(String(cString: strerror(errno)))).")
    }
}
