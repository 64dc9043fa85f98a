internal import AgentExecutors
internal import Glibc
internal import Synchronization

/// Answers an agent's command line on a Unix socket in its state directory, on a thread of its own.
///
/// The agent never waits for it, and no client for another: everything is non-blocking, every phase of a conversation has a deadline, requests have a limit, and with too many clients the one that has been silent longest has to go.
package final class AdminServer: Sendable {
    /// Serves a request. Called on the server's thread, so it must not block; the answer may come later, once, and from any thread.
    package typealias Handler = @Sendable (AdminRequest, @escaping @Sendable (AdminAnswer) -> Void) -> Void

    private let path: String
    private let mailbox: AdminMailbox
    private let ended: WakeUp
    private let stopped = Mutex(false)

    /// Listens from now on.
    ///
    /// - Parameters:
    ///   - directory: the state directory. The caller must hold its lock: a socket that is there already is taken for stale and replaced.
    ///   - isPermitted: whether a process of this user may ask.
    /// - Throws: `unavailable` with the system's reason.
    package convenience init(
        directory: String, isPermitted: @escaping @Sendable (UInt32) -> Bool = AdminServer.isOwner,
        handler: @escaping Handler
    ) throws(AdminError) {
        try self.init(
            directory: directory, limits: AdminSession.Limits(), clientLimit: 16, isPermitted: isPermitted,
            handler: handler)
    }

    init(
        directory: String, limits: AdminSession.Limits, clientLimit: Int,
        isPermitted: @escaping @Sendable (UInt32) -> Bool, handler: @escaping Handler
    ) throws(AdminError) {
        path = "\(directory)/\(AdminProtocol.socketName)"
        guard let mailbox = AdminMailbox(), let ended = WakeUp() else {
            throw AdminError(.unavailable, "no descriptor for \(path): \(Errno.current)")
        }
        self.mailbox = mailbox
        self.ended = ended
        let listener: Int32
        do throws(Errno) {
            listener = try UnixSocket.listen(in: directory, name: AdminProtocol.socketName, backlog: 16)
        } catch {
            throw AdminError(.unavailable, "cannot listen on \(path): \(error)")
        }
        let isStarted = NativeThread.start(name: "op-admin") {
            var loop = AdminLoop(
                listener: listener, mailbox: mailbox, limits: limits, clientLimit: clientLimit,
                isPermitted: isPermitted, handler: handler)
            loop.run()
            ended.signal()
        }
        guard isStarted else {
            close(listener)
            throw AdminError(.unavailable, "no thread for \(path)")
        }
    }

    deinit { stop() }

    /// Ends all conversations and removes the socket. Answers that are ready still go out: waits up to a second for that.
    package func stop() {
        let isFirst = stopped.withLock { stopped in
            defer { stopped = true }
            return !stopped
        }
        guard isFirst else { return }
        unsafe unlink(path)
        mailbox.stop()
        ended.wait(milliseconds: 1_000)
    }

    /// The user of this process, and root, whom nothing can keep out.
    package static let isOwner: @Sendable (UInt32) -> Bool = { $0 == geteuid() || $0 == 0 }
}
