import OperationProcesses
import PythonPlugins
import Synchronization

/// The cold way, which counts how often it was taken.
final class CountedDispatcher: PythonDispatcher {
    private let cold: ColdDispatcher
    private let runs = Mutex(0)

    init(ledger: any ProcessLedger) {
        cold = ColdDispatcher(runner: ProcessRunner(ledger: ledger, launcher: nil))
    }

    var count: Int { runs.withLock { $0 } }

    func run(
        _ request: DispatchRequest, onStart: @escaping @Sendable (RunningProcess) async -> Void
    ) async throws -> ProcessEnd {
        runs.withLock { $0 += 1 }
        return try await cold.run(request, onStart: onStart)
    }
}
