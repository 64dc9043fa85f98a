internal import Synchronization

/// What other threads tell the server's: answers that are ready, and to stop.
final class AdminMailbox: Sendable {
    struct Contents: Sendable {
        var answers: [(client: UInt64, line: [UInt8])] = []
        var mustStop = false
    }

    private let contents = Mutex(Contents())
    private let wakeUp: WakeUp
    var descriptor: Int32 { wakeUp.descriptor }

    init?() {
        guard let wakeUp = WakeUp() else { return nil }
        self.wakeUp = wakeUp
    }

    func answer(_ client: UInt64, _ line: [UInt8]) {
        contents.withLock { $0.answers.append((client, line)) }
        wakeUp.signal()
    }

    func stop() {
        contents.withLock { $0.mustStop = true }
        wakeUp.signal()
    }

    func take() -> Contents {
        wakeUp.clear()
        return contents.withLock { contents in
            defer { contents.answers = [] }
            return contents
        }
    }
}
