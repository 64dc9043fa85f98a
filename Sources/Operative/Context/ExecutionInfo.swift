/// The workflow run an operation belongs to.
public struct ExecutionInfo: Sendable, Hashable {
    /// The id; `nil` when the sender is not a workflow.
    public let id: String?
    /// The user who started the run; `nil` when the manager does not say.
    public let creatorUsername: String?

    package init(id: String? = nil, creatorUsername: String? = nil) {
        self.id = id
        self.creatorUsername = creatorUsername
    }
}
