internal import Glibc

/// One process as `/proc` tells of it.
struct ProcessSnapshot: Sendable, Hashable {
    let pid: Int32
    let parent: Int32
    let session: Int32
    /// Clock ticks since the machine's start; together with the pid it names a process for good.
    let startTime: UInt64

    /// What no other process ever has while the machine runs.
    struct Identity: Hashable {
        let pid: Int32
        let startTime: UInt64
    }

    var identity: Identity { Identity(pid: pid, startTime: startTime) }

    /// - Returns: nil when there is no such process, or when it has ended and only its status is left.
    init?(pid: Int32) {
        guard let stat = FileContents.read("/proc/\(pid)/stat") else { return nil }
        self.init(pid: pid, stat: String(decoding: stat, as: UTF8.self))
    }

    /// The same out of the text of `stat`. The name is in parentheses and may contain anything.
    init?(pid: Int32, stat: String) {
        guard let name = stat.lastIndex(of: ")") else { return nil }
        // The first of them is field 3.
        let fields = stat[name...].dropFirst().split(separator: " ")
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X", let parent = Int32(fields[1]),
            let session = Int32(fields[3]), let startTime = UInt64(fields[19])
        else { return nil }
        self.pid = pid
        self.parent = parent
        self.session = session
        self.startTime = startTime
    }

    /// All processes that this one may see and that have not ended.
    static func all() -> [ProcessSnapshot] {
        FileTree.names(in: "/proc").compactMap { Int32($0).flatMap { ProcessSnapshot(pid: $0) } }
    }

    /// Whether the environment with which its program was started has this `NAME=value`.
    func carries(_ variable: String) -> Bool {
        guard let text = FileContents.read("/proc/\(pid)/environ") else { return false }
        return text.split(separator: 0).contains { $0.elementsEqual(variable.utf8) }
    }

    /// Whether it runs an `operation-launcher`, also one whose file was replaced since.
    var isLauncher: Bool {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let length = unsafe readlink("/proc/\(pid)/exe", &buffer, buffer.count - 1)
        guard length > 0 else { return false }
        let path = String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return path.split(separator: "/").last?.hasPrefix("operation-launcher") ?? false
    }
}
