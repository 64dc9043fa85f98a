internal import Glibc

/// One process as `/proc` tells of it.
package struct ProcessSnapshot: Sendable, Hashable {
    package let pid: Int32
    package let parent: Int32
    package let group: Int32
    package let session: Int32
    /// Clock ticks since the machine's start; together with the pid it names a process for good.
    package let startTime: UInt64
    /// Whether it has ended and only waits for its parent to notice.
    package let isZombie: Bool

    /// - Returns: nil when there is no such process.
    package init?(pid: Int32) {
        guard let text = Self.contents(of: "/proc/\(pid)/stat"), let close = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: close)...].split(separator: " ")
        guard fields.count > 19, let parent = Int32(fields[1]), let group = Int32(fields[2]),
            let session = Int32(fields[3]), let startTime = UInt64(fields[19])
        else { return nil }
        self.pid = pid
        self.parent = parent
        self.group = group
        self.session = session
        self.startTime = startTime
        isZombie = fields[0] == "Z" || fields[0] == "X"
    }

    /// All processes that this one may see.
    package static func all() -> [ProcessSnapshot] {
        guard let directory = unsafe opendir("/proc") else { return [] }
        defer { unsafe closedir(directory) }
        var found: [ProcessSnapshot] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if let pid = Int32(name), let process = ProcessSnapshot(pid: pid) { found.append(process) }
        }
        return found
    }

    /// Whether the environment with which its program was started has this `NAME=value`; false for what began before `time`.
    func carries(_ variable: String, since time: UInt64) -> Bool {
        guard startTime >= time, let text = Self.contents(of: "/proc/\(pid)/environ") else { return false }
        return text.utf8.split(separator: 0).contains { $0.elementsEqual(variable.utf8) }
    }

    private static func contents(of path: String) -> String? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var all: [UInt8] = []
        var bytes = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { break }
            all += bytes[..<count]
        }
        return all.isEmpty ? nil : String(decoding: all, as: UTF8.self)
    }
}
