import Glibc
import Operative

/// Operations whose side effects can be counted: each appends a line to the file that LOAD_FILE names, in one write.
struct LoadPlugin: Plugin {
    static let name = "load"
    static let version = "1.0.0"

    private struct RetryInputs: Decodable {
        let delay: Double
    }

    private struct TortureInputs: Decodable {
        /// How long each attempt takes.
        let milliseconds: Int
        /// How many further attempts it asks for.
        let retries: Int
        /// How many milliseconds before each.
        let delay: Int
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
        Operation("load.torture", inputs: TortureInputs.self) { ctx, inputs in try await torture(ctx, inputs) }
        Operation("load.torture-resumable", inputs: TortureInputs.self, resumable: true) { ctx, inputs in
            try await torture(ctx, inputs)
        }
        Operation("load.block", inputs: BlockInputs.self) { ctx, inputs in
            note("blocked", ctx)
            _ = sleep(inputs.seconds)
        }
    }

    /// Takes its time between two marks, and may ask for another attempt first.
    private func torture(_ ctx: OperationContext, _ inputs: TortureInputs) async throws {
        note("start/\(ctx.operation.retryNumber)", ctx)
        try await Task.sleep(for: .milliseconds(inputs.milliseconds))
        note("end/\(ctx.operation.retryNumber)", ctx)
        guard ctx.operation.retryNumber < inputs.retries else { return }
        try ctx.operation.retry(after: .milliseconds(inputs.delay), message: "again")
    }

    /// Dated by a clock that nobody can set; that of Python's `time.monotonic()`.
    private func note(_ what: String, _ ctx: OperationContext) {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let milliseconds = time.tv_sec * 1_000 + time.tv_nsec / 1_000_000
        let line = Array("\(what) \(ctx.taskID ?? "-") \(milliseconds)\n".utf8)
        _ = write(file, line, line.count)
    }
}
