/// By what right and for which tenant requests are made.
public struct ManagerCredentials: Sendable, Hashable, CustomStringConvertible {
    /// A token. A secret.
    public enum Token: Sendable, Hashable {
        /// Of an execution's current run: `Execution-Token`.
        case execution(String)
        /// Of a user: `Authentication-Token`.
        case authentication(String)

        /// The header it travels in, and its value.
        var header: (name: String, value: String) {
            switch self {
            case .execution(let value): ("Execution-Token", value)
            case .authentication(let value): ("Authentication-Token", value)
            }
        }
    }

    /// The one token that is sent; `nil` when the task brought none.
    public let token: Token?
    /// The tenant; `nil` when the task names none.
    public let tenant: String?
    /// Whether requests are to be answered in maintenance mode too.
    public let bypassesMaintenance: Bool

    /// Puts credentials together.
    public init(token: Token?, tenant: String?, bypassesMaintenance: Bool = false) {
        self.token = token
        self.tenant = tenant
        self.bypassesMaintenance = bypassesMaintenance
    }

    /// The credentials of a task: the execution's token, and the user's only when there is no other.
    public init(_ facts: ManagerFacts) {
        let token: Token? =
            if let token = facts.executionToken, !token.isEmpty {
                .execution(token)
            } else if let token = facts.restToken, !token.isEmpty {
                .authentication(token)
            } else {
                nil
            }
        self.init(token: token, tenant: facts.tenant, bypassesMaintenance: facts.bypassesMaintenance)
    }

    /// Names the kind of token and the tenant, without the token.
    public var description: String {
        let kind =
            switch token {
            case .execution: "execution token"
            case .authentication: "authentication token"
            case nil: "no token"
            }
        return "\(kind), tenant \(tenant ?? "unknown")"
    }
}
