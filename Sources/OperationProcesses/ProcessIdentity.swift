internal import Glibc

/// What `/proc` tells of processes.
enum ProcessIdentity {
    /// The name of the variable by which members of a tree can be told when its launcher is gone.
    static let marker = "OPERATIVE_PROCESS_GROUP"

    /// `boot_id`: differs after each start of the machine.
    static let boot: String = {
        let text = String(decoding: contents(of: "/proc/sys/kernel/random/boot_id") ?? [], as: UTF8.self)
        return String(text.prefix { !$0.isWhitespace })
    }()

    /// When a process began, in clock ticks since the machine's start; nil when there is none of this number, or when it has ended and only its status is left.
    static func startTime(of pid: Int32) -> UInt64? {
        guard let stat = contents(of: "/proc/\(pid)/stat") else { return nil }
        return startTime(inStat: String(decoding: stat, as: UTF8.self))
    }

    /// The same out of the text of `stat`. The name is in parentheses and may contain anything.
    static func startTime(inStat stat: String) -> UInt64? {
        guard let name = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[name...].dropFirst().split(separator: " ")
        // The first of them is field 3.
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
        return UInt64(fields[19])
    }

    /// Whether the process itself still runs, and not another one of the same number.
    static func isAlive(_ group: ProcessGroup) -> Bool {
        group.boot == boot && startTime(of: group.pid) == group.startTime
    }

    /// Whether a process is an `operation-launcher`, also one whose program was replaced since.
    static func isLauncher(_ pid: Int32) -> Bool {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let length = unsafe readlink("/proc/\(pid)/exe", &buffer, buffer.count - 1)
        guard length > 0 else { return false }
        let path = String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return path.split(separator: "/").last?.hasPrefix("operation-launcher") ?? false
    }

    /// Everything on the machine that carries the marker of a group.
    static func members(of group: ProcessGroup) -> [ProcessGroup] {
        let wanted = Array("\(marker)=\(markerValue(of: group))".utf8)
        return allPIDs().compactMap { pid in
            // The start time first: what is found under this number afterwards and is older is another process.
            guard let startTime = startTime(of: pid), let environment = contents(of: "/proc/\(pid)/environ"),
                environment.split(separator: 0).contains(where: { $0.elementsEqual(wanted) })
            else { return nil }
            return ProcessGroup(pid: pid, startTime: startTime, boot: boot)
        }
    }

    static func markerValue(of group: ProcessGroup) -> String { "\(group.pid).\(group.startTime)" }

    private static func allPIDs() -> [Int32] {
        guard let directory = unsafe opendir("/proc") else { return [] }
        defer { unsafe closedir(directory) }
        var pids: [Int32] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if let pid = Int32(name) { pids.append(pid) }
        }
        return pids
    }

    static func contents(of path: String) -> [UInt8]? {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        while true {
            let part = unsafe [UInt8](unsafeUninitializedCapacity: 16_384) { buffer, count in
                unsafe count = max(0, read(file, buffer.baseAddress, buffer.count))
            }
            if part.isEmpty { return bytes }
            bytes += part
        }
    }
}
