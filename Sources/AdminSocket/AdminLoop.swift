internal import AgentExecutors
internal import Glibc

/// The server's thread: one `poll` over the listener, the mailbox and all clients.
struct AdminLoop {
    private struct Client {
        let descriptor: Int32
        var session: AdminSession
    }

    private static let chunk = 4096
    /// How long the listener is left alone when the process has no descriptors left.
    private static let shortagePause = Duration.seconds(1)

    let listener: Int32
    let mailbox: AdminMailbox
    let limits: AdminSession.Limits
    let clientLimit: Int
    let isPermitted: @Sendable (UInt32) -> Bool
    let handler: AdminServer.Handler

    private var clients: [UInt64: Client] = [:]
    private var nextClient: UInt64 = 0
    private var pausedUntil: MonotonicInstant?

    init(
        listener: Int32, mailbox: AdminMailbox, limits: AdminSession.Limits, clientLimit: Int,
        isPermitted: @escaping @Sendable (UInt32) -> Bool, handler: @escaping AdminServer.Handler
    ) {
        self.listener = listener
        self.mailbox = mailbox
        self.limits = limits
        self.clientLimit = clientLimit
        self.isPermitted = isPermitted
        self.handler = handler
    }

    mutating func run() {
        while true {
            let ready = wait()
            let mail = mailbox.take()
            for (id, line) in mail.answers { answer(id, line) }
            if mail.mustStop { break }
            for (id, events) in ready.clients { handle(id, events) }
            if ready.hasVisitors { accept() }
            expire()
        }
        close(listener)
        for client in clients.values { close(client.descriptor) }
    }

    // MARK: Waiting

    private func wait() -> (hasVisitors: Bool, clients: [(UInt64, Int16)]) {
        let order = clients.keys.sorted()
        var set = [
            pollfd(fd: mailbox.descriptor, events: Int16(POLLIN), revents: 0),
            // A negative descriptor is skipped.
            pollfd(fd: pausedUntil == nil ? listener : -1, events: Int16(POLLIN), revents: 0),
        ]
        for id in order {
            guard let client = clients[id] else { continue }
            set.append(pollfd(fd: client.descriptor, events: client.session.interest, revents: 0))
        }
        let count = unsafe poll(&set, nfds_t(set.count), timeout)
        guard count > 0 else { return (false, []) }
        let events = zip(order, set.dropFirst(2)).filter { $0.1.revents != 0 }.map { ($0.0, $0.1.revents) }
        return (set[1].revents != 0, events)
    }

    /// Milliseconds until the next deadline; -1 when there is none.
    private var timeout: Int32 {
        let deadlines = clients.values.map(\.session.deadline) + (pausedUntil.map { [$0] } ?? [])
        guard let next = deadlines.min() else { return -1 }
        let left = next.duration(since: .now).clampedNanoseconds
        // Rounded up: a wait that ends a moment too early would spin.
        return Int32(clamping: max(0, left) / 1_000_000 + 1)
    }

    private mutating func expire() {
        let now = MonotonicInstant.now
        if let pausedUntil, now >= pausedUntil { self.pausedUntil = nil }
        for id in clients.keys { update(id) { $0.expire(now: now) } }
    }

    // MARK: Clients

    private mutating func accept() {
        while true {
            let descriptor: Int32
            do throws(Errno) {
                descriptor = try UnixSocket.accept(from: listener)
            } catch {
                if error.isShortage { pausedUntil = MonotonicInstant.now.advanced(by: Self.shortagePause) }
                return
            }
            guard let user = UnixSocket.peerUser(of: descriptor), isPermitted(user) else {
                refuse(descriptor, AdminError(.notPermitted, "only the user of the agent may ask it"))
                continue
            }
            guard makeRoom() else {
                refuse(descriptor, AdminError(.busy, "the agent serves \(clientLimit) others at the moment"))
                continue
            }
            nextClient += 1
            clients[nextClient] = Client(descriptor: descriptor, session: AdminSession(limits: limits, now: .now))
        }
    }

    /// Whoever says nothing makes way for somebody who may.
    private mutating func makeRoom() -> Bool {
        guard clients.count >= clientLimit else { return true }
        let silent = clients.filter { $0.value.session.phase == .reading }
        guard let oldest = silent.keys.min() else { return false }
        drop(oldest)
        return true
    }

    private func refuse(_ descriptor: Int32, _ error: AdminError) {
        // The line fits into the empty buffer of a new socket; whoever does not read it learns less.
        _ = try? UnixSocket.send(AdminAnswer.failure(error).line[...], to: descriptor)
        close(descriptor)
    }

    private mutating func handle(_ id: UInt64, _ events: Int16) {
        if events & Int16(POLLOUT) != 0 { write(id) }
        if events & Int16(POLLIN) != 0 { read(id) }
        // A peer that is gone altogether; one that only sends no more is read until its end.
        if events & Int16(POLLERR | POLLNVAL) != 0 || (events & Int16(POLLHUP) != 0 && events & Int16(POLLIN) == 0) {
            update(id) { $0.fail() }
        }
    }

    private mutating func read(_ id: UInt64) {
        guard let client = clients[id], client.session.readable > 0 else { return }
        let bytes: [UInt8]
        do throws(Errno) {
            bytes = try UnixSocket.receive(
                from: client.descriptor, limit: min(client.session.readable, Self.chunk))
        } catch {
            if !error.isTransient { update(id) { $0.fail() } }
            return
        }
        if bytes.isEmpty { return update(id) { $0.receivedEnd() } }
        perform(id) { $0.received(bytes[...], now: .now) }
    }

    private mutating func write(_ id: UInt64) {
        guard let client = clients[id], !client.session.output.isEmpty else { return }
        do throws(Errno) {
            let count = try UnixSocket.send(client.session.output, to: client.descriptor)
            perform(id) { $0.sent(count, now: .now) }
        } catch {
            if !error.isTransient { update(id) { $0.fail() } }
        }
    }

    private mutating func answer(_ id: UInt64, _ line: [UInt8]) {
        update(id) { $0.answer(line, now: .now) }
        write(id)
    }

    private mutating func perform(_ id: UInt64, _ change: (inout AdminSession) -> AdminSession.Action) {
        var action = AdminSession.Action.none
        update(id) { action = change(&$0) }
        guard case .serve(let line) = action else { return }
        do throws(AdminError) {
            let request = try AdminRequest(line: line)
            handler(request) { [mailbox] answer in mailbox.answer(id, answer.line) }
        } catch {
            mailbox.answer(id, AdminAnswer.failure(error).line)
        }
    }

    private mutating func update(_ id: UInt64, _ change: (inout AdminSession) -> Void) {
        guard var client = clients.removeValue(forKey: id) else { return }
        change(&client.session)
        guard client.session.phase != .ended else {
            close(client.descriptor)
            return
        }
        clients[id] = client
    }

    private mutating func drop(_ id: UInt64) { update(id) { $0.fail() } }
}

extension AdminSession {
    fileprivate var interest: Int16 {
        switch phase {
        case .reading: Int16(POLLIN)
        case .writing: Int16(POLLOUT)
        case .serving, .ended: 0
        }
    }
}
