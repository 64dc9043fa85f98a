import Glibc
import Operative

/// A native no-op, which writes as many log records as BENCH_LOGS says.
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
