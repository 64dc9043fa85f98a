/// Items on their way to the one thread that serves them, which takes everything that has gathered at once.
final class Inbox<Items: RangeReplaceableCollection>: @unchecked Sendable where Items.Element: Sendable {
    private let monitor = ConditionLock()
    // Guarded by `monitor`.
    private var items = Items()
    private var hasThread = false
    private var isAsleep = false

    /// Hands an item over and wakes the thread; the first one starts it, under the name `name`, with `work`.
    func add(_ item: Items.Element, name: String, work: @escaping @Sendable () -> Void) {
        monitor.lock()
        items.append(item)
        let mustStart = !hasThread
        let mustWake = isAsleep
        hasThread = true
        isAsleep = false
        monitor.unlock()
        if mustWake { return monitor.signal() }
        guard mustStart, !NativeThread.start(name: name, work) else { return }
        // The next item tries again.
        monitor.lock()
        hasThread = false
        monitor.unlock()
    }

    /// Moves everything into `batch`, which is empty. Only for the thread that serves; sleeps while there is nothing.
    ///
    /// - Parameter pause: called first when there is nothing yet.
    func take(into batch: inout Items, pause: () -> Void = {}) {
        monitor.lock()
        if items.isEmpty {
            monitor.unlock()
            pause()
            monitor.lock()
        }
        while items.isEmpty {
            isAsleep = true
            monitor.wait()
        }
        isAsleep = false
        swap(&items, &batch)
        monitor.unlock()
    }
}
