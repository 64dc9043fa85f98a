/// Wakes those who wait for something to happen. Confined to the connection's thread; happens once.
///
/// Whether it has happened is looked at where the waiter is kept, inside the continuation's body: a caller whose task prefers an
/// executor is suspended on the way there, and it may happen meanwhile.
final class Signal {
    private var waiters: [CheckedContinuation<Void, Never>] = []
    private(set) var isFired = false

    /// Waits until it happens.
    func wait() async {
        if isFired { return }
        await withCheckedContinuation { continuation in
            if isFired { continuation.resume() } else { waiters.append(continuation) }
        }
    }

    /// It happens.
    func fire() {
        isFired = true
        let awakened = waiters
        waiters = []
        for waiter in awakened { waiter.resume() }
    }
}
