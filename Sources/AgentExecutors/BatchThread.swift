/// A thread that is handed items one by one and takes everything that has gathered at once: what is dear once is shared by many.
public final class BatchThread<Item: Sendable>: Sendable {
    private let name: String
    private let handle: @Sendable (inout [Item]) -> Void
    private let onPause: @Sendable () -> Void
    private let inbox = Inbox<[Item]>()

    /// - Parameters:
    ///   - name: shown as the thread's name by the system's tools; at most 15 bytes are kept.
    ///   - handle: called on the thread with what has gathered, in the order in which it came; never with nothing. It may block.
    ///   - onPause: called on the thread when nothing more has gathered, before it goes to sleep. It may block.
    public init(
        name: String, onPause: @escaping @Sendable () -> Void = {}, handle: @escaping @Sendable (inout [Item]) -> Void
    ) {
        self.name = name
        self.onPause = onPause
        self.handle = handle
    }

    /// Hands an item over.
    public func add(_ item: Item) { inbox.add(item, name: name) { [self] in work() } }

    /// Puts the calling thread to sleep, for `handle` to let more items gather.
    public static func pause(for duration: Duration) { NativeThread.sleep(for: duration) }

    private func work() -> Never {
        var batch: [Item] = []
        while true {
            batch.removeAll(keepingCapacity: true)
            inbox.take(into: &batch, pause: onPause)
            handle(&batch)
        }
    }
}
