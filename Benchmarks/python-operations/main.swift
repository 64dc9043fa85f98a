import Foundation
import Glibc
import Logging
import OperationProcesses
import PythonPlugins

/// Runs a function that does nothing, cold or warm, and tells what each run cost: `python-operations INTERPRETER cold|warm COUNT OUTSTANDING`.
/// `python-operations INTERPRETER hold MODULE.FUNCTION` runs one operation warm, with the environment's PYTHONPATH, and stays until it is killed.
let arguments = CommandLine.arguments
guard arguments.count >= 4 else {
    print("usage: python-operations INTERPRETER cold|warm COUNT OUTSTANDING, or INTERPRETER hold MODULE.FUNCTION")
    exit(64)
}

signal(SIGPIPE, SIG_IGN)
let interpreter = arguments[1]
let folder = FileManager.default.temporaryDirectory.appending(path: "python-operations-\(getpid())").path
try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
let ledger = InMemoryProcessLedger()
let cold = ColdDispatcher(runner: ProcessRunner(ledger: ledger, launcher: nil))
let warm = WarmDispatcher(
    cold: cold, ledger: ledger, settings: WarmSettings(operations: .max), logger: Logger(label: "python-operations"))

@Sendable func runOne(_ number: Int, function: String, by dispatcher: any PythonDispatcher) async throws -> ProcessEnd {
    let directory = "\(folder)/\(number)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let input = """
        {"cloudify_context": {"type": "operation", "task_id": "t", "task_name": "\(function)", "execution_id": "e", \
        "tenant": {"name": "t"}, "rest_host": ["127.0.0.1"], "rest_port": 1, "rest_token": "x", "deployment_id": "d", \
        "operation": {"name": "o", "retry_number": 0, "max_retries": 0}, "local": false}, "args": [], "kwargs": {}}
        """
    try input.write(toFile: "\(directory)/input.json", atomically: false, encoding: .utf8)
    var environment = ["PATH": "/usr/bin:/bin", "CLOUDIFY_DISPATCH": "true", "PYTHONPATH": folder]
    if let path = ProcessInfo.processInfo.environment["PYTHONPATH"] { environment["PYTHONPATH"] = path }
    let request = DispatchRequest(
        interpreter: interpreter, directory: directory, environment: environment, function: function, logFile: nil,
        owner: "\(number)", plugin: PluginEnvironment(interpreter: interpreter))
    return try await dispatcher.run(request) { process in
        if arguments[2] == "hold" { print("child \(process.pid)") }
    }
}

func processorTime() -> Double {
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    var total = 0.0
    for who in [RUSAGE_SELF, RUSAGE_CHILDREN] {
        var usage = rusage()
        getrusage(who.rawValue, &usage)
        total += seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }
    return total
}

if arguments[2] == "hold" {
    print("\(try await runOne(0, function: arguments[3], by: warm))")
    try await Task.sleep(for: .seconds(3600))
    exit(0)
}

guard let count = Int(arguments[3]), arguments.count > 4, let outstanding = Int(arguments[4]) else { exit(64) }
try "def nothing(**_):\n    pass\n".write(toFile: "\(folder)/nothing.py", atomically: false, encoding: .utf8)
let dispatcher: any PythonDispatcher = arguments[2] == "warm" ? warm : cold

let processorBefore = processorTime()
let clock = ContinuousClock()
let begin = clock.now
let times = try await withThrowingTaskGroup(of: Duration.self) { group in
    var times: [Duration] = []
    for number in 0..<count {
        if number >= outstanding, let time = try await group.next() { times.append(time) }
        group.addTask {
            let begin = clock.now
            let end = try await runOne(number, function: "nothing.nothing", by: dispatcher)
            guard end == .exited(0) else { throw ProcessFailure("operation \(number): \(end)") }
            return clock.now - begin
        }
    }
    for try await time in group { times.append(time) }
    return times
}
let elapsed = clock.now - begin
// The processor time of a parent and its children counts when the parent has ended.
await warm.close()
let processor = (processorTime() - processorBefore) * 1000 / Double(count)
try? FileManager.default.removeItem(atPath: folder)

func milliseconds(_ duration: Duration) -> Double { duration / .milliseconds(1) }
func text(_ value: Double) -> String { String(format: "%.1f", value) }
let sorted = times.sorted()
print(
    """
    \(arguments[2]): \(count) operations, \(outstanding) outstanding: \(text(processor)) ms CPU each (agent, parents and children), \
    p50 \(text(milliseconds(sorted[count / 2]))) ms, p95 \(text(milliseconds(sorted[count * 95 / 100]))) ms, \
    \(text(Double(count) / (milliseconds(elapsed) / 1000)))/s
    """)
