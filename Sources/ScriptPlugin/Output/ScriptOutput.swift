import OperationProcesses
import Operative
import Synchronization

/// What a script writes: each line becomes a log record at once, and what an error is to show is kept.
final class ScriptOutput: Sendable {
    private struct State {
        var output = KeptOutput()
        var errors = KeptOutput()
    }

    private let context: OperationContext
    private let logs: @Sendable (OutputChannel) -> Bool
    private let state = Mutex(State())

    /// - Parameter logs: whether lines of a channel become log records.
    init(_ context: OperationContext, logs: @escaping @Sendable (OutputChannel) -> Bool) {
        self.context = context
        self.logs = logs
    }

    /// Waits while there is no room for its record; then so does the script.
    func take(_ line: String, from channel: OutputChannel) async {
        state.withLock { state in
            switch channel {
            case .output: state.output.append(line + "\n")
            case .error: state.errors.append(line + "\n")
            }
        }
        guard logs(channel) else { return }
        let text = line.unicodeScalars.last == "\r" ? line.trimmingCarriageReturns : line
        await context.roomForRecords()
        context.logger.info("\(channel == .output ? "<out> " : "<err> ")\(text)")
    }

    /// What is kept of a channel.
    func text(of channel: OutputChannel) -> String {
        state.withLock { channel == .output ? $0.output.text : $0.errors.text }
    }
}

extension String {
    fileprivate var trimmingCarriageReturns: String {
        var scalars = unicodeScalars
        while scalars.last == "\r" { scalars.removeLast() }
        return String(scalars)
    }
}
