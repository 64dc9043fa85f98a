import AgentConfiguration
import Logging
import Testing

@testable import OperationProcesses
@testable import OperativeAgent

@Suite("Limits without a cgroup", .enabled(if: OperationCgroups.delegated() == nil))
struct LimitNoticeTests {
    @Test(
        "The log says which limits are not kept, or not for all processes together",
        arguments: [
            ([:], 0), (["limits.cpu_percent": "50"], 1), (["limits.memory": "64MiB", "limits.cpu_percent": "50"], 2),
            (["limits.processes": "40"], 1), (["limits.processes": "40", "limits.cgroup": "none"], 0),
            (["limits.cpu_percent": "50", "limits.cgroup": "none"], 1), (["limits.open_files": "100"], 0),
        ])
    func notices(_ settings: [String: String], _ count: Int) throws {
        let configuration = try AgentConfiguration.load(file: nil, environment: [:], overrides: settings)
        let lines = LogLines()
        let logger = Logger(label: "test") { _ in LineLogHandler(lines: lines) }
        configuration.operations.limits.tellWhatIsNotKept(logger)
        #expect(lines.count("warning limits.") == count, "\(lines.text)")
    }
}
