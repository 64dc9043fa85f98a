import Foundation

/// What this process uses. Bounds on it are exact only where nothing else runs in it: in tests that have a process of their own
/// (``OwnProcessTrait``).
public enum OwnProcess {
    /// What its descriptors stand for, such as `socket:[1234]`.
    public static var openDescriptors: [String] {
        let manager = FileManager.default
        let names = (try? manager.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        // The one by which the list was read is gone.
        return names.compactMap { try? manager.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)") }
    }

    /// Its memory that is in use, in bytes.
    public static var residentBytes: Int {
        let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")
            .dropFirst().first
        return (pages.flatMap { Int($0) } ?? 0) * Int(getpagesize())
    }

    /// The most that ``residentBytes`` has been since ``forgetPeak()``.
    public static var peakResidentBytes: Int {
        let lines = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8))?.split(separator: "\n") ?? []
        let line = lines.first { $0.hasPrefix("VmHWM:") }
        return (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) << 10
    }

    /// Lets ``peakResidentBytes`` begin anew.
    public static func forgetPeak() {
        try? "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8)
    }

    /// Its children, those included that have ended and that nobody has waited for.
    public static var children: [Int32] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        let own = getpid()
        return names.compactMap { Int32($0) }.filter { pid in
            guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
                let name = text.lastIndex(of: ")")
            else { return false }
            return text[name...].split(separator: " ").dropFirst(2).first == "\(own)"
        }
    }

    /// Waits until something holds, for a minute.
    ///
    /// - Returns: whether it does.
    public static func comes(_ condition: () throws -> Bool) async rethrows -> Bool {
        let deadline = ContinuousClock.now + .seconds(60)
        while try !condition() {
            if ContinuousClock.now > deadline { return false }
            try? await Task.sleep(for: .milliseconds(5))
        }
        return true
    }
}
