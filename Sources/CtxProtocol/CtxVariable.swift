/// Names of environment variables by which a script's `ctx` finds its operation.
package enum CtxVariable {
    /// The path of the Unix socket.
    package static let socket = "OPERATIVE_CTX_SOCKET"
    /// What proves to the socket that a request comes from the operation. A secret.
    package static let token = "OPERATIVE_CTX_TOKEN"
    /// The value that the agent has given to ``url``. Where the two differ, somebody else serves ctx to this process.
    package static let ownURL = "OPERATIVE_CTX_URL"
    /// The URL of the HTTP face, for Cloudify's own clients too. A secret.
    package static let url = "CTX_SOCKET_URL"
}
