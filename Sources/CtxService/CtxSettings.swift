package import OperationProcesses

/// How operations' ctx is served to scripts.
package struct CtxSettings: Sendable {
    /// A way for scripts to reach their operation's ctx.
    package enum Face: Sendable, Hashable {
        /// A Unix socket in a directory of its own; what Operative's `ctx` uses.
        case socket
        /// HTTP on the loopback interface with a path nobody can guess; what Cloudify's own clients use.
        case http
    }

    /// Where each operation's directory is made; its parents must be open to ``user``. Made with mode 0700 when missing.
    package var directory: String
    /// Where the directories are noted as long as they are there.
    package var temporaryDirectories: TemporaryDirectories
    /// The executable `ctx`. See ``CtxExecutable/locate(libexec:)``.
    package var executable: String
    /// The user the operation's processes run as; nil when that is the agent's own.
    package var user: String?
    /// The ways in.
    package var faces: Set<Face>
    /// How long a client may take to send a request, and to take its answer.
    package var patience: Duration
    /// How long a client may have a place without having shown that it belongs to the operation, when others wait for one. Longer than
    /// anybody needs from connecting to the first bytes, on a busy machine too.
    package var moment: Duration
    /// The largest request, in bytes.
    package var maximumRequest: Int
    /// How much of the agent's memory requests and answers may take at one time, in bytes. See ``RequestMemory``.
    package var requestMemory: Int
    /// How many clients each face serves at once; others wait in the line.
    package var maximumClients: Int

    package init(
        directory: String, executable: String, user: String? = nil, faces: Set<Face> = [.socket, .http],
        patience: Duration = .seconds(30), moment: Duration = .seconds(1), maximumRequest: Int = 16 << 20,
        requestMemory: Int = 64 << 20, maximumClients: Int = 64, temporaryDirectories: TemporaryDirectories = .unnoted
    ) {
        self.directory = directory
        self.executable = executable
        self.user = user
        self.faces = faces
        self.patience = patience
        self.moment = moment
        self.maximumRequest = maximumRequest
        self.requestMemory = requestMemory
        self.maximumClients = maximumClients
        self.temporaryDirectories = temporaryDirectories
    }
}
