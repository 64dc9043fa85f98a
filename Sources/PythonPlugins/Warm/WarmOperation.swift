/// What a resident parent must know of an operation. Inputs and context stay in the directory, for the child alone.
struct WarmOperation: Sendable, Hashable {
    /// Holds `input.json`.
    let directory: String
    /// The module of the function that is to run.
    let module: String
    /// Where output is appended; nil to throw it away.
    let logFile: String?
    /// Where it is to make files for a while; nil for where the environment says.
    var scratch: String?
}
