internal import DequeModule
internal import Logging

/// What the broker says.
extension AMQPConnection {
    func handle(_ method: IncomingMethod, on number: UInt16, _ session: Session) throws(AMQPError) {
        if number == 0 { return handle(method, session) }
        // After a channel's end, the broker's last words to it may still be on their way.
        guard let channel = session.channel(number) else { return }
        if channel.isClosing { return handleWhileClosing(method, channel, session) }
        switch method {
        case .deliver(let method): try channel.assembler.begin(.delivery(method))
        case .getOK(let method, _): try channel.assembler.begin(.fetched(method))
        case .returned(let method): try channel.assembler.begin(.returned(method))
        case .acknowledged(let number, let multiple, let nacked):
            settle(number, multiple: multiple, nacked: nacked, channel)
        case .getEmpty: answer(channel, .delivery(nil), session)
        case .queueDeclareOK(let info): answer(channel, .queue(info), session)
        case .messageCount(let count): answer(channel, .messageCount(Int(count)), session)
        case .consumeOK(let tag):
            // Set here and not by the caller of consume, because deliveries may follow in the same read.
            if case .consumer(let slot) = channel.role { slot.tag = tag }
            answer(channel, .consumer(tag: tag), session)
        case .done: answer(channel, .done, session)
        case .channelFlow(let active): session.writer.confirmFlow(number, active: active)
        case .cancel(let tag, let needsReply):
            if needsReply { session.writer.confirmCancel(number, tag: tag) }
            guard case .consumer(let slot) = channel.role, !slot.isCancelled else { return }
            hub.send(.consumerCancelled(tag: tag, queue: slot.consumer.queue))
            retire(channel, of: slot, session)
            slot.ended(
                .refused(AMQPError(.notFound, "the broker cancelled the consumer of queue '\(slot.consumer.queue)'")))
        case .channelClose(let code, let text):
            session.writer.confirmChannelClose(number)
            session.removeChannel(channel)
            let failure = AMQPError.channel(replyCode: code, text: text)
            if case .probe = channel.role {
            } else {
                logger.warning("channel closed by the broker", metadata: ["error": "\(failure)"])
                hub.send(.channelClosed(failure))
            }
            leave(channel, failure, brokerClosed: true)
        case .channelCloseOK, .connectionClose, .connectionCloseOK, .connectionBlocked, .connectionUnblocked:
            throw AMQPError(.protocolViolation, "the peer sent a method that does not belong to a channel")
        }
    }

    /// A channel that we closed: only the end of the closing matters, and whatever else arrives was sent before it.
    private func handleWhileClosing(_ method: IncomingMethod, _ channel: Channel, _ session: Session) {
        switch method {
        case .channelCloseOK: session.removeChannel(channel)
        case .channelClose:
            session.writer.confirmChannelClose(channel.number)
            session.removeChannel(channel)
        default: break
        }
    }

    /// The connection itself.
    private func handle(_ method: IncomingMethod, _ session: Session) {
        switch method {
        case .connectionClose(let code, let text):
            session.writer.confirmConnectionClose()
            _ = session.flush(at: .now)
            end(session, .connection(replyCode: code, text: text))
        case .connectionCloseOK: closeAnswer.fire()
        case .connectionBlocked(let reason):
            session.blockedReason = reason
            // A blocked broker stops reading: data that it does not take is no sign of death then. Its heartbeats go on.
            session.transport.handle.limitUnacknowledged(to: nil)
            logger.warning("the broker takes no messages", metadata: ["reason": "\(reason)"])
            hub.send(.blocked(reason: reason))
        case .connectionUnblocked:
            session.blockedReason = nil
            session.transport.handle.limitUnacknowledged(to: .seconds(configuration.heartbeatSeconds * 2))
            logger.info("the broker takes messages again")
            hub.send(.unblocked)
        default: break
        }
    }

    /// Completes the oldest call of a channel.
    private func answer(_ channel: Channel, _ reply: Reply, _ session: Session) {
        guard let call = channel.calls.popFirst() else { return }
        session.openCalls -= 1
        call.complete(.success(reply))
    }

    /// A message that is complete.
    func handle(_ content: ContentAssembler<ContentMethod>.Content, on channel: Channel, _ session: Session) {
        switch content.method {
        case .delivery(let method):
            guard case .consumer(let slot) = channel.role else { return }
            guard let delivery = delivery(content, method, slot.tag, channel, session) else { return }
            slot.batch.append(delivery)
            if !slot.isFilled {
                slot.isFilled = true
                session.filledConsumers.append(slot)
            }
        case .fetched(let method):
            guard let delivery = delivery(content, method, "", channel, session) else { return }
            answer(channel, .delivery(delivery), session)
        case .returned(let method):
            let body = content.body
            let isKnown = inFlight.returned(code: method.code, text: method.text) { publish in
                publish.message.isSame(as: method, content.properties, body)
            }
            if !isKnown { logger.warning("the broker returned a message that is not in flight") }
        }
    }

    private func delivery(
        _ content: ContentAssembler<ContentMethod>.Content, _ method: DeliveryMethod, _ tag: String, _ channel: Channel,
        _ session: Session
    ) -> AMQPDelivery? {
        guard channel.acknowledgements.delivered(method.tag) else {
            end(session, AMQPError(.protocolViolation, "the peer sent delivery tag \(method.tag) out of order"))
            return nil
        }
        pace.note()
        return AMQPDelivery(
            body: content.body, properties: content.properties, method: method, consumerTag: tag,
            channel: channel.number,
            generation: channel.generation, mailbox: mailbox)
    }
}

extension AMQPMessage {
    /// Whether a message that came back is this one. Only messages that are alike in everything compared here can be mistaken
    /// for each other, and then it does not matter which of them came back.
    fileprivate func isSame(as method: ReturnMethod, _ properties: AMQPProperties, _ body: AMQPBody) -> Bool {
        guard mandatory, routingKey == method.routingKey, exchange == method.exchange,
            self.properties.correlationID == properties.correlationID, self.properties.messageID == properties.messageID
        else { return false }
        switch body {
        case .complete(let bytes): return bytes == self.body
        case .oversized(let prefix, let size): return size == UInt64(self.body.count) && self.body.starts(with: prefix)
        }
    }
}
