/// Channels and calls on them.
extension AMQPConnection {
    /// Opens a channel.
    func openChannel(_ role: Channel.Role, on session: Session) async throws(AMQPError) -> Channel {
        if let failure = session.failure { throw failure }
        nextGeneration += 1
        guard let channel = session.addChannel(generation: nextGeneration, role: role) else {
            throw AMQPError(.channelClosed, "every channel of the connection is in use")
        }
        do throws(AMQPError) {
            _ = try await call(channel, on: session) { writer, number in
                writer.openChannel(number)
                return nil
            }
        } catch {
            session.removeChannel(channel)
            throw error
        }
        return channel
    }

    /// Writes a request and waits for its answer.
    func call(
        _ channel: Channel, on session: Session, _ write: (inout FrameWriter, UInt16) -> AMQPError?
    ) async throws(AMQPError) -> Reply {
        // All of it in the closure: a task that prefers an executor is suspended on the way there, and an answer that came
        // before its call was noted would be nobody's.
        let result = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<Reply, AMQPError>, Never>) in
            if let failure = request(write, channel, session) {
                return continuation.resume(returning: .failure(failure))
            }
            let deadline = MonotonicTime.now + configuration.rpcTimeout
            session.openCalls += 1
            channel.calls.append(PendingCall(deadline: deadline) { continuation.resume(returning: $0) })
        }
        return try result.get()
    }

    /// Writes a request.
    ///
    /// - Returns: Why it cannot be written; nil when it is.
    private func request(
        _ write: (inout FrameWriter, UInt16) -> AMQPError?, _ channel: Channel, _ session: Session
    ) -> AMQPError? {
        if let failure = channel.end ?? session.failure { return failure }
        if channel.isClosing { return AMQPError(.channelClosed, "the channel is closed") }
        return write(&session.writer, channel.number)
    }

    /// Closes a channel without waiting for the answer; its number is free when the answer has come.
    func close(_ channel: Channel, _ reason: AMQPError = AMQPError(.channelClosed, "the channel is closed")) {
        guard let session, channel.end == nil, !channel.isClosing, session.channel(channel.number) === channel else {
            return
        }
        takeMail()
        writeSettlements(of: channel, session)
        channel.isClosing = true
        session.writer.closeChannel(channel.number)
        leave(channel, reason, brokerClosed: true)
    }

    /// Lends a channel of its own to `body`, for questions whose answer may be that the channel is closed.
    ///
    /// - Parameter body: Gets the channel. Deliveries that it fetches must be settled before it returns; what is not settled
    ///   goes back to the queue.
    /// - Throws: What `body` throws; ``AMQPError`` when there is no connection within the RPC timeout.
    public nonisolated func withChannel<Output: Sendable>(
        _ body: @Sendable (AMQPChannel) async throws -> Output
    ) async throws -> Output {
        try await connected(within: configuration.rpcTimeout)
        let channel = try await openProbe()
        do {
            let output = try await body(channel)
            await channel.close()
            return output
        } catch {
            await channel.close()
            throw error
        }
    }

    private func openProbe() async throws(AMQPError) -> AMQPChannel {
        guard let session else { throw lastFailure ?? AMQPError(.connectionLost, "not connected") }
        let channel = try await openChannel(.probe, on: session)
        return AMQPChannel(connection: self, number: channel.number, generation: channel.generation)
    }

    /// A call on a channel that was lent.
    func callProbe(
        _ number: UInt16, _ generation: UInt64, _ write: @Sendable (inout FrameWriter, UInt16) -> AMQPError?
    ) async throws(AMQPError) -> Reply {
        guard let session else { throw lastFailure ?? .stopped }
        guard let channel = session.channel(number), channel.generation == generation else {
            throw AMQPError(.channelClosed, "the channel was closed")
        }
        return try await call(channel, on: session, write)
    }

    func closeProbe(_ number: UInt16, _ generation: UInt64) {
        guard let channel = session?.channel(number), channel.generation == generation else { return }
        close(channel)
    }
}
