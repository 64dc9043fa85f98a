/// A request that has come in whole, and the way back for its answer.
struct CtxCall: Sendable {
    /// JSON text.
    let request: [UInt8]
    /// What it takes of the agent's memory, until nobody has this call any more.
    let rooms: [RequestRoom]
    let reply: @Sendable ([UInt8]) -> Void
}
