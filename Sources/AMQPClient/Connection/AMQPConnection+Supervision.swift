internal import Logging

/// Connecting, and connecting again.
extension AMQPConnection {
    var isRunning: Bool { lifecycle == .running }

    /// Connects and serves until the connection is closed.
    func supervise() async {
        if let problem = configuration.problem() {
            lastFailure = problem
            hub.send(.lost(problem))
            resumeConnectWaiters(.failure(problem))
            logger.error("connection cannot be made", metadata: ["error": "\(problem)"])
            lifecycle = .closing
            mailbox.close()
            takeMail()
            return finish()
        }
        var backoff = Backoff(configuration.reconnect)
        while isRunning {
            var permanent: AMQPError?
            for endpoint in configuration.endpoints.shuffled() where isRunning {
                let began = MonotonicTime.now
                let (failure, wasReady) = await serve(endpoint)
                guard isRunning else { return }
                lastFailure = failure
                hub.send(.lost(failure))
                logger.debug(
                    wasReady ? "connection lost" : "connection attempt failed",
                    metadata: ["endpoint": "\(endpoint)", "error": "\(failure)"])
                if !failure.isRetriable { permanent = failure }
                if wasReady {
                    // A broker that accepts and hangs up at once must not be asked again without a pause.
                    if MonotonicTime.now >= began + configuration.reconnect.maximum { backoff.reset() }
                    break
                }
            }
            if let permanent {
                lastFailure = permanent
                resumeConnectWaiters(.failure(permanent))
            }
            guard isRunning else { return }
            await pause(for: backoff.next())
        }
    }

    /// One connection to one endpoint, from the first attempt to its end.
    ///
    /// - Returns: Why it ended, and whether it was usable before.
    private func serve(_ endpoint: AMQPEndpoint) async -> (AMQPError, wasReady: Bool) {
        let attempt = ConnectAttempt(endpoint, configuration)
        self.attempt = attempt
        let transport: Transport
        do throws(AMQPError) {
            transport = try await run(attempt)
        } catch {
            return (error, false)
        }
        self.attempt = nil
        guard isRunning else { return (.stopped, false) }
        let session = Session(
            transport, endpoint: endpoint, maximumMessageBytes: configuration.maximumMessageBytes, now: .now)
        session.blockedReason = transport.blockedReason
        self.session = session
        await declareEverything(on: session)
        if session.failure == nil, isRunning {
            session.isReady = true
            lastFailure = nil
            logger.debug("connected", metadata: ["endpoint": "\(endpoint)"])
            hub.send(.connected(endpoint))
            if let reason = session.blockedReason { hub.send(.blocked(reason: reason)) }
            resumeConnectWaiters(.success(()))
            ready.fire()
            await session.ended.wait()
        }
        return (session.failure ?? .stopped, session.isReady)
    }

    /// Gives the attempt its two deadlines. A little more than configured, because the library's own deadlines know better what
    /// they were waiting for.
    func run(_ attempt: ConnectAttempt) async throws(AMQPError) -> Transport {
        let grace = Duration.milliseconds(250)
        let connected = MonotonicTime.now + configuration.connectTimeout + grace
        let loggedIn = connected + configuration.loginTimeout + grace
        let first = timers.add(at: connected) { attempt.expireConnecting() }
        let second = timers.add(at: loggedIn) { attempt.expireLogin() }
        defer {
            timers.cancel(first)
            timers.cancel(second)
        }
        return try await attempt.run()
    }

    /// The usable session; waits for one. Nil when the connection is closed.
    func readySession() async -> Session? {
        while lifecycle == .running || lifecycle == .idle {
            if let session, session.isReady { return session }
            await ready.wait()
        }
        return nil
    }

    /// Ends a session for everybody who uses it.
    func end(_ session: Session, _ failure: AMQPError) {
        guard session.failure == nil else { return }
        session.failure = failure
        handOver(session)
        if self.session === session { self.session = nil }
        if ready.isFired, isRunning { ready = Signal() }
        for channel in session.channels.compactMap(\.self) {
            leave(channel, failure, brokerClosed: false)
        }
        session.transport.handle.shutdown()
        closeAnswer.fire()
        session.ended.fire()
    }

    /// Tells everybody who uses a channel that it is gone.
    ///
    /// - Parameter brokerClosed: Whether the broker closed this channel, as opposed to the whole connection being gone.
    func leave(_ channel: Channel, _ failure: AMQPError, brokerClosed: Bool) {
        guard channel.end == nil else { return }
        channel.end = failure
        session?.openCalls -= channel.calls.count
        channel.failCalls(
            failure, others: AMQPError(.channelClosed, "the channel was closed by an earlier call: \(failure.message)"))
        switch channel.role {
        case .publisher: publisherEnded(channel, failure, brokerClosed: brokerClosed)
        case .consumer where channel.isRetired: break
        case .consumer(let slot):
            if slot.channel === channel {
                slot.channel = nil
                // What nobody has taken yet will be delivered again.
                slot.batch.removeAll()
                if !slot.isCancelled { _ = slot.buffer.removeAll() }
            }
            slot.ended(slot.isCancelled ? .cancelled : brokerClosed ? .refused(failure) : .sessionLost)
        case .probe: break
        }
    }
}
