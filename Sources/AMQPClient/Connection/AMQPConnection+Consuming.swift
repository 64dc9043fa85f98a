internal import Logging

/// Consuming, again and again.
extension AMQPConnection {
    /// Consumes from a queue.
    ///
    /// The consumer is taken up again after a reconnect, after the broker cancelled it (the topology is declared again first)
    /// and after its channel was closed, with growing pauses. While there is no connection it waits for one.
    ///
    /// - Throws: What the broker has against it at the first time, as ``AMQPError/Code/accessRefused``,
    ///   ``AMQPError/Code/resourceLocked`` for a queue that somebody else uses exclusively, ``AMQPError/Code/notFound``.
    public nonisolated func consume(_ consumer: AMQPConsumer) async throws(AMQPError) -> AMQPDeliveries {
        try Limits.check(["queue": consumer.queue, "consumer tag": consumer.tag], consumer.arguments)
        guard let prefetch = UInt16(exactly: consumer.prefetch) else {
            throw AMQPError(.invalidConfiguration, "prefetch \(consumer.prefetch) is not between 0 and 65535")
        }
        return AMQPDeliveries(buffer: try await add(consumer, prefetch))
    }

    private func add(_ consumer: AMQPConsumer, _ prefetch: UInt16) async throws(AMQPError) -> DeliveryBuffer {
        guard lifecycle == .idle || lifecycle == .running else { throw .stopped }
        let slot = ConsumerSlot(consumer)
        consumers.append(slot)
        Task { await self.run(slot, prefetch) }
        await slot.started.wait()
        try slot.firstResult?.get()
        return slot.buffer
    }

    private func run(_ slot: ConsumerSlot, _ prefetch: UInt16) async {
        var backoff = Backoff(configuration.reconnect)
        var mustDeclare = false
        while !slot.isCancelled, let session = await readySession() {
            if mustDeclare { await declareEverything(on: session) }
            slot.prepare()
            let began = MonotonicTime.now
            let end: ConsumerSlot.End
            do throws(AMQPError) {
                try await open(slot, prefetch, on: session)
                slot.finishFirst(.success(()))
                // Cancelled meanwhile, by somebody who could not know of this channel yet.
                if slot.isCancelled, !slot.isDrained, let channel = slot.channel { close(channel) }
                end = await slot.waitForEnd()
            } catch {
                if session.failure == nil, slot.firstResult == nil {
                    remove(slot)
                    return slot.finishFirst(.failure(error))
                }
                end = slot.isCancelled ? .cancelled : session.failure == nil ? .refused(error) : .sessionLost
            }
            switch end {
            case .cancelled: break
            case .sessionLost: mustDeclare = false
            case .refused(let error):
                if let channel = slot.channel { close(channel, error) }
                mustDeclare = true
                if MonotonicTime.now >= began + configuration.reconnect.maximum { backoff.reset() }
                let pause = backoff.next()
                logger.warning(
                    "consumer ended, consuming again",
                    metadata: ["queue": "\(slot.consumer.queue)", "error": "\(error)", "pause": "\(pause)"])
                if !slot.isCancelled { await self.pause(for: pause) }
            }
        }
        if !slot.isCancelled { slot.finishFirst(.failure(.stopped)) }
    }

    private func open(_ slot: ConsumerSlot, _ prefetch: UInt16, on session: Session) async throws(AMQPError) {
        let channel = try await openChannel(.consumer(slot), on: session)
        slot.channel = channel
        if prefetch > 0 {
            _ = try await call(channel, on: session) { writer, number in
                writer.limitPrefetch(number, to: prefetch)
                return nil
            }
        }
        _ = try await call(channel, on: session) { $0.consume($1, slot.consumer) }
        hub.send(.consuming(queue: slot.consumer.queue))
    }

    /// Ends a consumer.
    ///
    /// The sequence ends behind what is buffered. What was delivered can still be acknowledged; what is never acknowledged is
    /// delivered to others when the connection ends.
    ///
    /// - Parameters:
    ///   - deliveries: What ``consume(_:)`` returned.
    ///   - requeueBuffered: True to give back at once what is buffered and nobody has taken yet.
    public nonisolated func cancel(_ deliveries: AMQPDeliveries, requeueBuffered: Bool = false) async {
        await cancel(deliveries.buffer, requeueBuffered: requeueBuffered)
    }

    private func cancel(_ buffer: DeliveryBuffer, requeueBuffered: Bool) async {
        guard let slot = consumers.first(where: { $0.buffer === buffer }), !slot.isCancelled else { return }
        slot.isCancelled = true
        remove(slot)
        if let session, let channel = slot.channel, channel.end == nil, !channel.isClosing, !slot.tag.isEmpty {
            // Deliveries that the broker sent before it read the cancel arrive before its answer.
            _ = try? await call(channel, on: session) { writer, number in
                writer.cancel(number, tag: slot.tag)
                return nil
            }
            handOver(session)
            slot.isDrained = true
        }
        buffer.finish()
        if requeueBuffered { for delivery in buffer.removeAll() { delivery.reject(requeue: true) } }
        slot.ended(.cancelled)
        takeMail()
        closeIfSettled(slot)
    }

    /// Closes the channel of a cancelled consumer when nothing on it waits for an acknowledgement any more.
    func closeIfSettled(_ slot: ConsumerSlot) {
        guard slot.isDrained, let channel = slot.channel, channel.acknowledgements.openCount == 0 else { return }
        close(channel)
    }

    /// The broker has ended the consumer, but not the channel: what was delivered there and is in somebody's hands can still be
    /// acknowledged there, and nowhere else. What nobody has taken goes back.
    func retire(_ channel: Channel, of slot: ConsumerSlot, _ session: Session) {
        guard slot.channel === channel else { return }
        slot.channel = nil
        channel.isRetired = true
        handOver(session)
        for delivery in slot.buffer.removeAll() { delivery.reject(requeue: true) }
        closeIfSettled(channel)
    }

    /// Closes a retired channel when nothing on it waits for an acknowledgement any more.
    func closeIfSettled(_ channel: Channel) {
        if channel.isRetired, channel.acknowledgements.openCount == 0 { close(channel) }
    }

    private func remove(_ slot: ConsumerSlot) {
        consumers.removeAll { $0 === slot }
    }
}
