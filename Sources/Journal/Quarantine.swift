import Synchronization

/// Keeps messages that could not be handled, so that a person can look at them: their bytes, and beside them a small JSON
/// file that says why, when and how long the message was.
///
/// Names sort by time. Space is bounded: a message is cut at 1 MiB, and the oldest make room for the newest at 64 MiB.
/// What is kept is on the disk when ``keep(_:reason:size:)`` returns.
public final class Quarantine: Sendable {
    /// What is kept apart.
    public enum Kind: String, Sendable, CaseIterable {
        /// Messages that came in and made no sense.
        case rejected
        /// Messages that could not be sent.
        case undeliverable
    }

    /// How much is kept.
    struct Limits: Sendable {
        var message = 1 << 20
        var total = 64 << 20
    }

    /// The directory, below the state directory.
    public let path: String

    private let limits: Limits
    private let now: @Sendable () -> Int64
    private let entries: Mutex<[Entry]>

    /// A kept message with the space its two files take. The array is in order of names, the oldest first.
    private struct Entry: Sendable {
        let name: String
        let bytes: Int
    }

    /// Opens one of the two directories and makes it when absent.
    public convenience init(in directory: StateDirectory, kind: Kind) throws(JournalError) {
        try self.init(
            path: directory.path(of: kind.rawValue), limits: Limits(), now: { UTCText.millisecondsSinceEpoch() })
    }

    init(path: String, limits: Limits, now: @escaping @Sendable () -> Int64) throws(JournalError) {
        self.path = path
        self.limits = limits
        self.now = now
        try StateDirectory.makeDirectory(path)
        var sizes: [String: Int] = [:]
        for file in try PrivateFile.list(path) {
            let suffix = [Self.bodySuffix, Self.headerSuffix].first { file.name.hasSuffix($0) }
            guard let suffix else {
                // Left by a crash in the middle of writing.
                if file.name.hasSuffix(PrivateFile.temporarySuffix) { PrivateFile.remove("\(path)/\(file.name)") }
                continue
            }
            sizes[String(file.name.dropLast(suffix.count)), default: 0] += file.size
        }
        entries = Mutex(sizes.sorted { $0.key < $1.key }.map { Entry(name: $0.key, bytes: $0.value) })
    }

    /// The names of what is kept, the oldest first; the files are `name.body` and `name.json`.
    public var names: [String] {
        entries.withLock { $0.map(\.name) }
    }

    /// Keeps a message.
    ///
    /// - Parameters:
    ///   - body: Its bytes, or the first of them.
    ///   - reason: Why it is kept.
    ///   - size: The length of the whole message when `body` is only its beginning.
    /// - Returns: The name under which it is kept.
    @discardableResult
    public func keep(_ body: [UInt8], reason: String, size: Int? = nil) throws(JournalError) -> String {
        let milliseconds = now()
        let stored = body.prefix(limits.message)
        let header = Self.header(
            reason: reason, time: UTCText.text(milliseconds), size: size ?? body.count, stored: stored.count)
        return try entries.withLock { entries throws(JournalError) in
            let name = Self.name(milliseconds, after: entries.last?.name)
            makeRoom(for: stored.count + header.count, in: &entries)
            try PrivateFile.write(header, to: "\(path)/\(name)\(Self.headerSuffix)")
            do throws(JournalError) {
                try PrivateFile.write(Array(stored), to: "\(path)/\(name)\(Self.bodySuffix)")
                try PrivateFile.synchronize(directory: path)
            } catch {
                remove(name)
                throw error
            }
            entries.append(Entry(name: name, bytes: stored.count + header.count))
            return name
        }
    }

    /// What is kept under a name; nil when it cannot be read.
    public func content(of name: String) -> (body: [UInt8], header: [UInt8])? {
        guard let body = PrivateFile.read("\(path)/\(name)\(Self.bodySuffix)", limit: limits.message),
            let header = PrivateFile.read("\(path)/\(name)\(Self.headerSuffix)", limit: limits.message)
        else { return nil }
        return (body, header)
    }

    /// Removes what is kept under a name; no effect when it made room for others meanwhile.
    public func discard(_ name: String) {
        entries.withLock { entries in
            entries.removeAll { $0.name == name }
            remove(name)
        }
    }

    private func makeRoom(for bytes: Int, in entries: inout [Entry]) {
        var total = entries.reduce(bytes) { $0 + $1.bytes }
        while total > limits.total, let oldest = entries.first {
            remove(oldest.name)
            total -= oldest.bytes
            entries.removeFirst()
        }
    }

    private func remove(_ name: String) {
        PrivateFile.remove("\(path)/\(name)\(Self.bodySuffix)")
        PrivateFile.remove("\(path)/\(name)\(Self.headerSuffix)")
    }

    /// A name that sorts behind the last one, also when the clock was set back or two messages share a millisecond.
    private static func name(_ milliseconds: Int64, after last: String?) -> String {
        let time = UTCText.compact(milliseconds)
        let fresh = "\(time)-000000"
        guard let last, last >= fresh, let dash = last.lastIndex(of: "-"),
            let number = Int(last[last.index(after: dash)...])
        else { return fresh }
        let digits = String(number + 1)
        return "\(last[..<dash])-\(String(repeating: "0", count: max(0, 6 - digits.count)))\(digits)"
    }

    private static func header(reason: String, time: String, size: Int, stored: Int) -> [UInt8] {
        let members = #""reason":\#(JSONText.string(reason)),"time":"\#(time)","size":\#(size),"stored":\#(stored)"#
        return Array("{\(members)}\n".utf8)
    }

    private static let bodySuffix = ".body"
    private static let headerSuffix = ".json"
}
