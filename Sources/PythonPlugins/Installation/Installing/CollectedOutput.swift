internal import OperationProcesses
internal import Synchronization

/// The end of what a program writes, as much as a limit allows.
final class CollectedOutput: Sendable {
    private struct Tail {
        var lines: [String] = []
        var size = 0
    }

    private struct State {
        var output = Tail()
        var error = Tail()
    }

    private let limit: Int
    private let state = Mutex(State())

    /// - Parameter limit: how many bytes of each channel are kept.
    init(limit: Int) { self.limit = limit }

    func add(_ line: String, from channel: OutputChannel) {
        state.withLock { state in
            switch channel {
            case .output: add(line, to: &state.output)
            case .error: add(line, to: &state.error)
            }
        }
    }

    func text(of channel: OutputChannel) -> String {
        let lines = state.withLock { state in
            switch channel {
            case .output: state.output.lines
            case .error: state.error.lines
            }
        }
        return lines.map { $0.last?.isNewline ?? false ? String($0.dropLast()) : $0 }.joined(separator: "\n")
    }

    private func add(_ line: String, to tail: inout Tail) {
        let line = line.utf8.count > limit ? String(line.suffix(limit / 4)) : line
        tail.lines.append(line)
        tail.size += line.utf8.count
        while tail.size > limit, tail.lines.count > 1 { tail.size -= tail.lines.removeFirst().utf8.count }
    }
}
