import Glibc
import Operative
import OperativeAgent

/// The agent that benchmark drivers measure, configured by their BENCH_* variables.
///
/// BENCH_JOURNAL (disk or memory), BENCH_DURABILITY (grouped or strict), BENCH_JOURNAL_MAX_BYTES, BENCH_VHOST (virtual host), BENCH_PREFETCH, BENCH_LOGS (log records per operation). BENCH_EVENTS=1 turns task events on.
/// Publisher confirms are always on: this agent has no mode without them.
@main
enum BenchAgent {
    static func main() async {
        let arguments = [
            "run", "--name", "bench", "--set", "broker.virtual_host=\(variable("BENCH_VHOST", "bench"))",
            "--set", "prefetch=\(variable("BENCH_PREFETCH", "200"))", "--concurrency",
            variable("BENCH_CONCURRENCY", "32"),
            "--set", "task_events=\(variable("BENCH_EVENTS", "0") == "1" ? "agent" : "manager")",
            "--set", "broker.hosts=\(variable("BENCH_HOST", "127.0.0.1"))", "--set",
            "broker.port=\(variable("BENCH_PORT", "5672"))",
            "--set", "journal.store=\(variable("BENCH_JOURNAL", "disk"))", "--set", "journal.lost=run", "--set",
            "journal.durability=\(variable("BENCH_DURABILITY", "grouped"))", "--set",
            "journal.max_bytes=\(variable("BENCH_JOURNAL_MAX_BYTES", "1GiB"))", "--log-level",
            variable("BENCH_LOG_LEVEL", "warning"), "--state-directory",
            variable("BENCH_STATE", stateDirectory()),
        ]
        await BenchProgram.main(arguments: arguments)
    }

    private static func variable(_ name: String, _ fallback: String) -> String {
        guard let value = getenv(name) else { return fallback }
        let text = String(cString: value)
        return text.isEmpty ? fallback : text
    }

    private static func stateDirectory() -> String {
        var template = Array("/tmp/operative-bench-XXXXXX".utf8CString)
        _ = mkdtemp(&template)
        return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

struct BenchProgram: AgentProgram {
    static let plugins: [any Plugin] = [DemoPlugin(), LoadPlugin()]
}
