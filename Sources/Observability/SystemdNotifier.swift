public import Glibc

/// Tells systemd how the service is doing, by the protocol of sd_notify(3).
///
/// Does nothing when the process was not started by systemd with `Type=notify`. No call waits for systemd: the service must
/// not depend on its supervisor's mood. A message that finds no room is sent again until it is taken, unless a later one of
/// its kind makes it obsolete; signs of life are not, because there will be others.
public struct SystemdNotifier: Sendable {
    /// Runs a short action once, after a time.
    public typealias Scheduler = @Sendable (_ delay: Duration, _ action: @escaping @Sendable () -> Void) -> Void

    /// The longest status line in bytes. systemd ignores a message of more than 4,096 bytes.
    private static let longestStatus = 2_000

    private let outbox: NotificationOutbox?

    /// How often ``watchdog()`` must be called at least, or nil when systemd does not watch this process.
    /// Call it about twice as often.
    public let watchdogInterval: Duration?

    /// A notifier for this process.
    ///
    /// - Parameters:
    ///   - environment: Read are `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID`.
    ///   - processID: The process the watchdog variables must be meant for.
    ///   - later: Tries again what found no room. Without it that is sent together with the next message.
    public init(environment: [String: String], processID: pid_t = getpid(), later: Scheduler? = nil) {
        outbox = environment["NOTIFY_SOCKET"].flatMap(NotificationAddress.init).map { address in
            NotificationOutbox(later: later) { address.send($0) }
        }
        let isMeant = environment["WATCHDOG_PID"].map { $0 == String(processID) } ?? true
        if isMeant, let microseconds = environment["WATCHDOG_USEC"].flatMap({ Int64($0) }), microseconds > 0 {
            watchdogInterval = .microseconds(microseconds)
        } else {
            watchdogInterval = nil
        }
    }

    /// Whether anybody listens.
    public var isEnabled: Bool { outbox != nil }

    /// The service does its work now. Also ends a reload.
    public func ready(status: String? = nil) {
        send(["READY=1"] + statusLine(status))
    }

    /// The service has begun to stop.
    public func stopping(status: String? = nil) {
        send(["STOPPING=1"] + statusLine(status))
    }

    /// The service reads its configuration again; ``ready(status:)`` ends that.
    public func reloading(status: String? = nil) {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        let microseconds = Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
        send(["RELOADING=1", "MONOTONIC_USEC=\(microseconds)"] + statusLine(status))
    }

    /// One line that `systemctl status` shows.
    public func status(_ status: String) {
        send(statusLine(status))
    }

    /// A sign of life, see ``watchdogInterval``.
    public func watchdog() {
        outbox?.sendOnce(["WATCHDOG=1"])
    }

    /// Asks for more time to start or to stop, counted from now.
    public func extendTimeout(by duration: Duration) {
        let parts = duration.components
        send(["EXTEND_TIMEOUT_USEC=\(parts.seconds * 1_000_000 + parts.attoseconds / 1_000_000_000_000)"])
    }

    private func statusLine(_ status: String?) -> [String] {
        guard let status else { return [] }
        // A line break would begin another assignment.
        let line = status.map { $0.isNewline ? " " : String($0) }.joined()
        var clipped = String.UnicodeScalarView()
        var room = Self.longestStatus
        for scalar in line.unicodeScalars {
            room -= UTF8.width(scalar)
            guard room >= 0 else { break }
            clipped.append(scalar)
        }
        return ["STATUS=\(String(clipped))"]
    }

    private func send(_ assignments: [String]) { outbox?.send(assignments) }
}
