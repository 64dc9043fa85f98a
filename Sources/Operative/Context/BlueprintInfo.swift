/// The blueprint the deployment was made from.
public struct BlueprintInfo: Sendable, Hashable {
    /// The id; `nil` for operations of system workflows.
    public let id: String?

    package init(id: String? = nil) { self.id = id }
}
