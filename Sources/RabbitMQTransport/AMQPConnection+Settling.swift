internal import AMQPClient

extension AMQPConnection {
    /// Publishes a message and waits for its end; a closed connection is one of the ends.
    func settle(_ message: AMQPMessage) async -> AMQPPublishOutcome {
        do throws(AMQPError) {
            return try await publish(message)
        } catch {
            return .stopped
        }
    }
}
