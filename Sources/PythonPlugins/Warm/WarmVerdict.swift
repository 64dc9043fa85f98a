/// Why an operation runs cold.
struct WarmVerdict: Sendable, Hashable {
    /// One phrase that goes on from "because".
    let reason: String
    /// Whether this holds for every operation of the module in its environment.
    let always: Bool
}
