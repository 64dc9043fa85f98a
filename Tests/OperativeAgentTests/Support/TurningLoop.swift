import Synchronization

@testable import OperativeAgent

/// A loop that can be stuck.
final class TurningLoop: Sendable {
    private struct State {
        var asked = 0
        var isHeld = false
        var held: [CheckedContinuation<Void, Never>] = []
    }

    private let name: String
    private let state = Mutex(State())

    init(_ name: String) { self.name = name }

    var monitored: MonitoredLoop { MonitoredLoop(name: name) { [self] in await turn() } }

    /// How often it was asked to take a turn.
    var asked: Int { state.withLock { $0.asked } }

    func hold() { state.withLock { $0.isHeld = true } }

    func release() {
        let held = state.withLock { state in
            state.isHeld = false
            defer { state.held = [] }
            return state.held
        }
        for continuation in held { continuation.resume() }
    }

    private func turn() async {
        await withCheckedContinuation { continuation in
            let isHeld = state.withLock { state in
                state.asked += 1
                if state.isHeld { state.held.append(continuation) }
                return state.isHeld
            }
            if !isHeld { continuation.resume() }
        }
    }
}
