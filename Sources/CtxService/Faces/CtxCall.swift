/// A request that has come in whole, and the way back for its answer.
struct CtxCall: Sendable {
    /// JSON text.
    let request: [UInt8]
    let reply: @Sendable ([UInt8]) -> Void
}
