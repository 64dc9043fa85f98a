internal import DequeModule
internal import Logging

/// The end.
extension AMQPConnection {
    /// Closes the connection for good.
    ///
    /// Waits until everything that was sent is confirmed, at most for `limit`; messages that are not by then end as
    /// ``AMQPPublishOutcome/stopped``. Acknowledgements that were made before are sent. Then the broker is told, and given at
    /// most a second of `limit`, at least a tenth of a second, to answer. Sequences of deliveries and events end.
    ///
    /// - Parameter limit: How long to wait for confirms. Whatever the peer does, this returns not much later.
    public nonisolated func close(within limit: Duration = .zero) async {
        await shutDown(within: limit)
    }

    private func shutDown(within limit: Duration) async {
        if lifecycle == .closing || lifecycle == .closed { return await closed.wait() }
        lifecycle = .closing
        let deadline = MonotonicTime.now + limit
        mailbox.close()
        takeMail()
        if limit > .zero, !outbox.isEmpty || inFlight.openCount > 0 {
            await wait(for: drained, until: deadline)
        }
        attempt?.abandon()
        for trial in trials { trial.abandon() }
        takeMail()
        if let session {
            writeSettlements(session)
            session.isClosing = true
            session.writer.closeConnection()
            _ = session.flush(at: .now)
            // A socket that is closed with unread bytes in it is reset, and what the broker had not read yet, our last
            // acknowledgements say, may be lost. So its answer is awaited, but not for long.
            let patience = max(MonotonicTime.now + .milliseconds(100), min(MonotonicTime.now + .seconds(1), deadline))
            if session.failure == nil { await wait(for: closeAnswer, until: patience) }
            end(session, .stopped)
        }
        finish()
    }

    /// Answers everybody who still waits.
    func finish() {
        lifecycle = .closed
        for publish in inFlight.reset() { complete(publish, .stopped) }
        while let publish = outbox.popFirst() { complete(publish, .stopped) }
        for slot in consumers {
            _ = slot.buffer.removeAll()
            slot.buffer.finish()
            slot.ended(.sessionLost)
            slot.finishFirst(.failure(.stopped))
        }
        consumers = []
        resumeConnectWaiters(.failure(.stopped))
        ready.fire()
        for fire in timers.takeAll() { fire() }
        hub.finish()
        logger.debug("connection closed")
        thread.release()
        closed.fire()
    }
}
