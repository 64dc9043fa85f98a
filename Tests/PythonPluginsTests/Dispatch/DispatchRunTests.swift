import AgentExecutors
import OperationProcesses
import Testing

@testable import PythonPlugins

@Suite("Waiting for a dispatched process", .timeLimit(.minutes(1)))
struct DispatchRunTests {
    private let timers = TimerThread()
    private let threads = ThreadPool(name: "op-test", limit: 2)

    @Test("A process that does not end in spite of its timeout is named, and not waited for any longer")
    func stuck() async {
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let run = DispatchRun(timers: timers, patience: .milliseconds(50))
        let outcome = await run.outcome(on: threads, timeout: .milliseconds(10)) { onStart in
            await onStart(RunningProcess(pid: 4711))
            // Not ended by the cancellation, as a process in an uninterruptible call.
            await Task { for await _ in gate {} }.value
            return (.signalled(9), nil)
        }
        guard case .timedOut(running: 4711) = outcome else {
            Issue.record("\(outcome)")
            return open.finish()
        }
        open.finish()
    }

    @Test("A process that ends when its time is up is overdue all the same, however it ends")
    func overdue() async {
        let run = DispatchRun(timers: timers, patience: .seconds(60))
        let outcome = await run.outcome(on: threads, timeout: .milliseconds(10)) { onStart in
            await onStart(RunningProcess(pid: 1))
            try? await Task.sleep(for: .seconds(3_600))
            return (.exited(0), [])
        }
        guard case .timedOut(running: nil) = outcome else {
            Issue.record("\(outcome)")
            return
        }
    }

    @Test("A cancelled wait goes on until the process has ended")
    func cancelled() async {
        let run = DispatchRun(timers: timers, patience: .seconds(60))
        let waiting = Task { [timers, threads] in
            _ = timers
            return await run.outcome(on: threads, timeout: nil) { onStart in
                await onStart(RunningProcess(pid: 1))
                try? await Task.sleep(for: .seconds(3_600))
                return (.signalled(15), nil)
            }
        }
        waiting.cancel()
        guard case .ended(.signalled(15), nil) = await waiting.value else {
            Issue.record("not ended by the signal")
            return
        }
    }
}
