import Glibc

/// What a machine knows about the time, in milliseconds.
struct MachineClock: Sendable {
    /// Names the time since the machine was started: another start, another name. Empty where the machine does not tell.
    let boot: String
    /// Since the machine was started, the time it was asleep included. Nobody can set it.
    let sinceBoot: @Sendable () -> Int64
    /// The clock on the wall, since 1970: it jumps when somebody sets it.
    let wall: @Sendable () -> Int64

    /// The one that this process runs on.
    static let system = MachineClock(
        boot: bootID(), sinceBoot: { read(CLOCK_BOOTTIME) }, wall: { UTCText.millisecondsSinceEpoch() })

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }

    private static func bootID() -> String {
        let file = unsafe open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe Glibc.read(file, $0.baseAddress, $0.count) }
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).filter { !$0.isWhitespace }
    }
}
