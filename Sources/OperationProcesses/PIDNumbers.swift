/// Whether numbers of processes can have been given twice.
///
/// The system gives them in order and begins again when it has come to the largest.
enum PIDNumbers {
    /// Whether no number can have come round since the machine's start. What the system counts are forks that succeeded: half of the numbers are
    /// left to those that did not.
    static var areUnique: Bool {
        guard let forks, let largest else { return false }
        return forks < largest / 2
    }

    private static var forks: Int? {
        let lines = String(decoding: FileContents.read("/proc/stat") ?? [], as: UTF8.self).split(separator: "\n")
        return lines.lazy.compactMap { line in
            line.hasPrefix("processes ") ? Int(line.dropFirst("processes ".count)) : nil
        }.first
    }

    private static var largest: Int? {
        let text = String(decoding: FileContents.read("/proc/sys/kernel/pid_max") ?? [], as: UTF8.self)
        return Int(text.prefix { !$0.isWhitespace })
    }
}
