internal import DequeModule
internal import Logging

/// Publishing with confirms.
extension AMQPConnection {
    /// Publishes a message and waits until the broker has taken it, handed it back or refused it.
    ///
    /// Suspends first while more than ``AMQPConfiguration/outboxLimit`` bytes are unconfirmed, and for as long as the broker is
    /// away: the message is sent again after a reconnect. Cancelling the task does not take the message back.
    ///
    /// - Throws: ``AMQPError/Code/stopped`` only. The broker may have the message nevertheless.
    public nonisolated func publish(_ message: AMQPMessage) async throws(AMQPError) -> AMQPPublishOutcome {
        await mailbox.waitForRoom()
        let outcome = await withCheckedContinuation { continuation in
            send(message) { continuation.resume(returning: $0) }
        }
        if case .stopped = outcome { throw .stopped }
        return outcome
    }

    /// Publishes a message without waiting: the cheap form underneath ``publish(_:)``.
    ///
    /// Never blocks, and takes more than the outbox limit; look at ``outboxBytes`` to keep it.
    ///
    /// - Parameters:
    ///   - message: The message.
    ///   - usefulness: How long it is worth sending. When its turn comes later than that, because the broker was away or took no
    ///     messages, it is dropped: ``AMQPPublishOutcome/expired``. Nil: always.
    ///   - completion: Called exactly once, on the I/O thread or, when the connection is closed, on the caller's. It must not
    ///     block: nothing else happens on this connection meanwhile.
    public nonisolated func send(
        _ message: AMQPMessage, usefulFor usefulness: Duration? = nil,
        completion: @escaping @Sendable (AMQPPublishOutcome) -> Void
    ) {
        if let problem = message.problem() { return completion(.refused(problem)) }
        let publish = PendingPublish(message, expiry: usefulness.map { .now + $0 }, completion)
        if !mailbox.post(publish) { completion(.stopped) }
    }

    /// The bytes that are sent and not yet confirmed, bodies plus 256 for each message.
    public nonisolated var outboxBytes: Int { mailbox.outboxBytes }

    /// Hands over what was published or acknowledged without waking the I/O thread, see ``init(configuration:logger:defersWakeUps:)``.
    public nonisolated func flush() { mailbox.flush() }

    func complete(_ publish: PendingPublish, _ outcome: AMQPPublishOutcome) {
        mailbox.settled(cost: publish.cost)
        publish.completion(outcome)
    }

    /// The broker confirms.
    func settle(_ number: UInt64, multiple: Bool, nacked: Bool, _ channel: Channel) {
        guard channel === publisher else { return }
        inFlight.settle(number, multiple: multiple, nacked: nacked) { publish, verdict in
            if suspects > 0 { suspects -= 1 }
            switch verdict {
            case .confirmed: complete(publish, .confirmed)
            case .nacked: complete(publish, .nacked)
            case .returned(let code, let text): complete(publish, .returned(code: code, text: text))
            }
        }
        if inFlight.openCount == 0 { publisherBackoff.reset() }
        noteDrained()
    }

    /// Tells a waiting close that nothing is left to send.
    func noteDrained() {
        if lifecycle == .closing, outbox.isEmpty, inFlight.openCount == 0 { drained.fire() }
    }

    /// Opens the publishing channel.
    func openPublisher() {
        guard !isOpeningPublisher, let session else { return }
        isOpeningPublisher = true
        Task {
            defer { isOpeningPublisher = false }
            if mustDeclareForPublishing {
                mustDeclareForPublishing = false
                await declareEverything(on: session)
                guard session.failure == nil else { return }
            }
            do throws(AMQPError) {
                let channel = try await openChannel(.publisher, on: session)
                _ = try await call(channel, on: session) { writer, number in
                    writer.selectConfirms(number)
                    return nil
                }
                // The session may have ended in the very turn that brought the answer.
                guard channel.end == nil, session.failure == nil else { return }
                publisher = channel
            } catch {
                guard session.failure == nil else { return }
                logger.warning("publishing channel cannot be opened", metadata: ["error": "\(error)"])
                await pause(for: publisherBackoff.next())
            }
        }
    }

    /// Whether the message goes to an exchange that was declared here. If such a one is missing, somebody has deleted it.
    private func isDeclared(_ publish: PendingPublish) -> Bool {
        topologies.contains { $0.exchanges.contains { $0.name == publish.message.exchange } }
    }

    /// A message to an exchange that was deleted is sent once more, in its place, after the exchange was declared again.
    private func getsLastChance(_ publish: PendingPublish) -> Bool {
        guard mustDeclareForPublishing, lastChance !== publish else {
            lastChance = nil
            return false
        }
        lastChance = publish
        return true
    }

    /// The publishing channel is gone: what was in flight goes back to the front of the outbox.
    ///
    /// When the broker closed it, one of those messages is the reason (its exchange is missing, say) and would be again. AMQP
    /// does not say which, so they are sent one at a time until it happens again; then there is only one it can be.
    func publisherEnded(_ channel: Channel, _ failure: AMQPError, brokerClosed: Bool) {
        guard channel === publisher else { return }
        publisher = nil
        var unconfirmed = inFlight.reset()
        if brokerClosed, failure.replyCode != nil {
            if failure.code == .notFound, unconfirmed.contains(where: isDeclared) { mustDeclareForPublishing = true }
            if unconfirmed.count == 1, !getsLastChance(unconfirmed[0]) {
                if suspects > 0 { suspects -= 1 }
                complete(unconfirmed.removeLast(), .refused(failure))
            } else {
                suspects = max(suspects, unconfirmed.count)
            }
        }
        outbox.prepend(contentsOf: unconfirmed)
        noteDrained()
    }
}
