import Operative

/// Work that takes long enough to be interrupted by a stop or a crash of the agent.
struct LongWork: Decodable {
    /// How long it takes, 10 when nothing is said.
    var seconds: Double?

    /// Says what it does and for how long, then takes its time.
    func run(_ what: String, _ ctx: OperationContext) async throws -> [String: PropertyValue] {
        let seconds = seconds ?? 10
        guard seconds >= 0, seconds < 86_400 else {
            throw NonRecoverableError("The input 'seconds' must be within a day.")
        }
        ctx.sendEvent(ctx.resume ? "Resuming: \(what)" : what)
        try await Task.sleep(for: .seconds(seconds))
        return ["resumed": .bool(ctx.resume)]
    }
}
