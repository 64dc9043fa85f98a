import AgentConfiguration
import Glibc
import Operative
import OperativeAgent

/// The agent that `shared bench` drivers measure: a native no-op, configured by the driver's BENCH_* variables.
///
/// BENCH_VHOST (virtual host), BENCH_PREFETCH, BENCH_LOGS (log records per operation). BENCH_EVENTS=1 turns task events on.
/// Publisher confirms are always on: this agent has no mode without them.
@main
enum BenchAgent {
    static func main() async {
        let arguments = [
            "bench-agent", "run", "--name", "bench", "--set", "broker.virtual_host=\(variable("BENCH_VHOST", "bench"))",
            "--set", "prefetch=\(variable("BENCH_PREFETCH", "200"))", "--concurrency", variable("BENCH_CONCURRENCY", "4"),
            "--set", "task_events=\(variable("BENCH_EVENTS", "0") == "1" ? "agent" : "manager")",
            "--set", "broker.hosts=\(variable("BENCH_HOST", "127.0.0.1"))", "--set", "broker.port=\(variable("BENCH_PORT", "5672"))",
            "--set", "journal.lost=run", "--log-level", "warning", "--state-directory", stateDirectory(),
        ]
        await BenchProgram.main(arguments: Array(arguments.dropFirst()))
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
    static let plugins: [any Plugin] = [DemoPlugin()]
}

struct DemoPlugin: Plugin {
    static let name = "demo"
    static let version = "1.0.0"

    private let records = getenv("BENCH_LOGS").flatMap { Int(String(cString: $0)) } ?? 0

    var operations: [Operation] {
        Operation("demo.tasks.noop") { ctx in
            for number in 0..<records { ctx.logger.info("configuring the web server on port 8080, step \(number)") }
        }
    }
}
