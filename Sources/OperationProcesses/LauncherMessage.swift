/// A line that the launcher writes.
enum LauncherMessage: Equatable {
    /// The process is there that is to become the program.
    case forked(pid: Int32)
    case started(pid: Int32)
    case failed(String)
    case ended(ProcessEnd)

    /// Nil for what no launcher of this release writes.
    init?(_ line: String) {
        let parts = line.split(separator: " ", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        switch (parts[0], Int32(parts[1])) {
        case ("failed", _): self = .failed(String(parts[1]))
        case ("forked", let pid?): self = .forked(pid: pid)
        case ("started", let pid?): self = .started(pid: pid)
        case ("exited", let status?): self = .ended(.exited(status))
        case ("signalled", let signal?): self = .ended(.signalled(signal))
        default: return nil
        }
    }
}
