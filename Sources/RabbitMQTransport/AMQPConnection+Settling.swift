internal import AMQPClient

extension AMQPConnection {
    /// Publishes a message and waits for its end; a closed connection is one of the ends.
    ///
    /// On the caller's own executor: as a method of the actor it would travel to the I/O thread and back for every message.
    nonisolated func settle(_ message: AMQPMessage) async -> AMQPPublishOutcome {
        do throws(AMQPError) {
            return try await publish(message)
        } catch {
            return .stopped
        }
    }

    /// Publishes a message that is dropped when it cannot be sent in time. Does not wait for room in the outbox: callers send few.
    func settle(_ message: AMQPMessage, usefulFor usefulness: Duration) async -> AMQPPublishOutcome {
        await withCheckedContinuation { continuation in
            send(message, usefulFor: usefulness) { continuation.resume(returning: $0) }
        }
    }
}
