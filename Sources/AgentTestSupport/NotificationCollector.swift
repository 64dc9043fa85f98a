import Foundation
import Synchronization
public import Testing

/// A supervisor that reads: takes every notification from its socket at once, on a thread of its own, and remembers all in their order.
///
/// The kernel keeps only a few datagrams for a receiver (`net.unix.max_dgram_qlen`), so a test that reads now and then misses some.
public final class NotificationCollector: Sendable {
    private static let patience = Duration.seconds(60)

    private let socket: DatagramSocket
    private let messages = Mutex<[String]>([])
    private let isClosed = Atomic(false)

    /// The value for NOTIFY_SOCKET.
    public var address: String { socket.address }

    /// Begins to read.
    public init() throws {
        let socket = try DatagramSocket(isAbstract: true)
        self.socket = socket
        Thread.detachNewThread { [weak self] in
            while true {
                let message = socket.receive(waitingUpTo: 50)
                guard let self, !self.isClosed.load(ordering: .relaxed) else { return }
                if let message { self.messages.withLock { $0.append(message) } }
            }
        }
    }

    /// Reads no more.
    public func close() { isClosed.store(true, ordering: .relaxed) }

    /// Everything that came, in its order.
    public var all: [String] { messages.withLock { $0 } }

    /// How many have come.
    public var count: Int { messages.withLock { $0.count } }

    /// Whether a message that is wanted has come after the first `start`.
    public func has(after start: Int = 0, _ isWanted: (String) -> Bool) -> Bool {
        all.dropFirst(start).contains(where: isWanted)
    }

    /// Waits for a message after the first `start`, and records an issue when it has not come after a minute.
    ///
    /// - Returns: how many messages had come with it.
    @discardableResult
    public func heard(
        _ what: String, after start: Int = 0, sourceLocation: SourceLocation = #_sourceLocation,
        _ isWanted: (String) -> Bool
    ) async -> Int {
        let deadline = ContinuousClock.now + Self.patience
        while true {
            let all = self.all
            if let index = all.indices.dropFirst(start).first(where: { isWanted(all[$0]) }) { return index + 1 }
            guard ContinuousClock.now < deadline else {
                Issue.record("systemd was not told \(what), but \(all)", sourceLocation: sourceLocation)
                return all.count
            }
            try? await Task.sleep(for: .milliseconds(10))
        }
    }
}
