import Glibc
import Operative

/// Operations whose side effects can be counted: each appends a line to the file that LOAD_FILE names, in one write.
struct LoadPlugin: Plugin {
    static let name = "load"
    static let version = "1.0.0"

    private struct RetryInputs: Decodable {
        let delay: Double
    }

    private struct BlockInputs: Decodable {
        let seconds: UInt32
    }

    private let file: CInt =
        getenv("LOAD_FILE").map { open($0, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600) } ?? -1

    var operations: [Operation] {
        Operation("load.append") { ctx in note("run", ctx) }
        Operation("load.retry", inputs: RetryInputs.self) { ctx, inputs in
            guard ctx.operation.retryNumber == 0 else { return note("due", ctx) }
            note("asked", ctx)
            try ctx.operation.retry(after: .seconds(inputs.delay), message: "later")
        }
        Operation("load.block", inputs: BlockInputs.self) { ctx, inputs in
            note("blocked", ctx)
            _ = sleep(inputs.seconds)
        }
    }

    private func note(_ what: String, _ ctx: OperationContext) {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let milliseconds = time.tv_sec * 1_000 + time.tv_nsec / 1_000_000
        let line = Array("\(what) \(ctx.taskID ?? "-") \(milliseconds)\n".utf8)
        _ = write(file, line, line.count)
    }
}
