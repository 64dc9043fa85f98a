/// Wakes those who wait for something to happen. Confined to the connection's thread; happens once.
final class Signal {
    private var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    private var nextID = 0
    private(set) var isFired = false

    /// Waits until it happens.
    func wait() async {
        if isFired { return }
        nextID += 1
        let id = nextID
        await withCheckedContinuation { waiters[id] = $0 }
    }

    /// It happens.
    func fire() {
        isFired = true
        let awakened = waiters.values
        waiters = [:]
        for waiter in awakened { waiter.resume() }
    }
}
