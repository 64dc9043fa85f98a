import OperationProcesses
import PythonPlugins
import Synchronization

/// A dispatcher, with what it was asked for and what came of it.
final class ObservedDispatcher: PythonDispatcher {
    private let dispatcher: any PythonDispatcher
    private let seen = Mutex<(runs: Int, ends: [ProcessEnd])>((0, []))

    init(_ dispatcher: any PythonDispatcher) { self.dispatcher = dispatcher }

    /// How often it was asked.
    var runs: Int { seen.withLock { $0.runs } }

    /// How the processes ended, in order.
    var ends: [ProcessEnd] { seen.withLock { $0.ends } }

    func run(
        _ request: DispatchRequest, onStart: @escaping @Sendable (RunningProcess) async -> Void
    ) async throws -> ProcessEnd {
        seen.withLock { $0.runs += 1 }
        let end = try await dispatcher.run(request, onStart: onStart)
        seen.withLock { $0.ends.append(end) }
        return end
    }
}
