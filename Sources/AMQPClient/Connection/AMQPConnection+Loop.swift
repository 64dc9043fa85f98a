internal import DequeModule
internal import Logging

/// The turns of the I/O thread.
extension AMQPConnection: IOThreadClient {
    nonisolated var hasMail: Bool { !mailbox.isEmpty }

    nonisolated func turn(_ readiness: IOThread.Readiness) -> IOThread.Wait {
        assumeIsolated { $0.takeTurn(readiness) }
    }

    /// Bytes that may wait for the socket before no more messages are written. Acknowledgements and calls always are.
    private static var writeLimit: Int { 256 << 10 }

    private func takeTurn(_ readiness: IOThread.Readiness) -> IOThread.Wait {
        if lifecycle == .idle { begin() }
        let now = MonotonicTime.now
        fireTimers(at: now)
        takeMail()
        guard let session else { return IOThread.Wait(deadline: timers.nextDeadline) }
        if readiness.isReadable { receive(session, at: now) }
        writeSettlements(session)
        writePublishes(session)
        keepDeadlines(session, at: now)
        if session.failure == nil, let failure = session.flush(at: now) { end(session, failure) }
        guard session.failure == nil else { return IOThread.Wait(deadline: timers.nextDeadline) }
        var deadline = session.heartbeat.nextDeadline
        if let timer = timers.nextDeadline { deadline = min(deadline ?? timer, timer) }
        if let call = session.nextCallDeadline { deadline = min(deadline ?? call, call) }
        if mayPublish(session), !session.isCongested { deadline = now }
        return IOThread.Wait(
            descriptor: session.transport.handle.descriptor, forWriting: session.isCongested, deadline: deadline,
            rest: pace.rest(at: now, underWay: messagesUnderWay(session)))
    }

    /// Messages that are published and not confirmed, or delivered and not settled.
    private func messagesUnderWay(_ session: Session) -> Int {
        session.channels.reduce(inFlight.openCount) { $0 + ($1?.acknowledgements.openCount ?? 0) }
    }

    /// Takes what other threads left.
    func takeMail() {
        guard !mailbox.isEmpty else { return }
        mailbox.take(into: &mail)
        for publish in mail.publishes { outbox.append(publish) }
        mail.publishes.removeAll(keepingCapacity: true)
        if let session {
            for settlement in mail.settlements { note(settlement, on: session) }
        }
        mail.settlements.removeAll(keepingCapacity: true)
    }

    private func note(_ settlement: Mailbox.Settlement, on session: Session) {
        guard let channel = session.channel(settlement.channel), channel.generation == settlement.generation,
            channel.end == nil, !channel.isClosing
        else { return }
        switch settlement.kind {
        case .acknowledge: channel.acknowledgements.acknowledge(settlement.tag)
        case .reject: channel.acknowledgements.reject(settlement.tag, requeue: false)
        case .requeue: channel.acknowledgements.reject(settlement.tag, requeue: true)
        }
        if !channel.hasSettlements {
            channel.hasSettlements = true
            session.settledChannels.append(channel)
        }
    }

    /// Writes the acknowledgements that are due.
    func writeSettlements(_ session: Session) {
        while let channel = session.settledChannels.popLast() {
            writeSettlements(of: channel, session)
            if case .consumer(let slot) = channel.role, slot.isCancelled { closeIfSettled(slot) }
            closeIfSettled(channel)
        }
    }

    func writeSettlements(of channel: Channel, _ session: Session) {
        channel.hasSettlements = false
        guard channel.end == nil else { return }
        channel.acknowledgements.flush { session.writer.settle(channel.number, $0) }
    }

    /// Whether a message waits that could be written now.
    private func mayPublish(_ session: Session) -> Bool {
        !outbox.isEmpty && session.isReady && session.blockedReason == nil && !session.isClosing && publisher != nil
            && (suspects == 0 || inFlight.openCount == 0)
    }

    /// Writes messages for as long as the socket keeps up.
    private func writePublishes(_ session: Session) {
        if publisher == nil, !outbox.isEmpty, session.isReady { openPublisher() }
        guard let publisher else { return }
        while session.writer.output.count < Self.writeLimit, mayPublish(session), let publish = outbox.popFirst() {
            if publish.hasExpired {
                // What is sent again one by one stands first.
                if suspects > 0 { suspects -= 1 }
                complete(publish, .expired)
            } else if let refusal = session.writer.publish(publisher.number, publish.message) {
                complete(publish, .refused(refusal))
            } else {
                inFlight.published(publish)
                pace.note()
            }
        }
        noteDrained()
    }

    private func keepDeadlines(_ session: Session, at now: MonotonicTime) {
        switch session.heartbeat.action(at: now) {
        case .nothing: break
        case .send: if session.writer.output.count == 0 { session.writer.heartbeat() }
        case .giveUp:
            end(session, AMQPError(.connectionLost, "\(session.endpoint) was silent for two heartbeat intervals"))
        }
        guard session.openCalls > 0 else { return }
        for channel in session.channels {
            guard let channel, let call = channel.calls.first, call.deadline <= now else { continue }
            // An answer that comes later would be taken for the answer to another call, so the channel goes too.
            close(channel, AMQPError(.timedOut, "the broker did not answer within the RPC timeout"))
        }
    }

    // MARK: Reading

    private func receive(_ session: Session, at now: MonotonicTime) {
        var failure: AMQPError?
        // Bounded, so that a flood of deliveries cannot keep acknowledgements and heartbeats from being written.
        for _ in 0..<8 where failure == nil && session.failure == nil {
            let outcome = unsafe session.input.fill { room -> (Int, ConnectionHandle.Outcome) in
                let outcome = unsafe session.transport.handle.receive(into: room)
                if case .moved(let count) = outcome { return (count, outcome) }
                return (0, outcome)
            }
            guard case .moved(let count) = outcome else {
                if case .failed(let error) = outcome { failure = error }
                break
            }
            session.heartbeat.received(at: now)
            do throws(AMQPError) {
                try session.input.consume { (bytes) throws(AMQPError) in try handleFrames(bytes, session) }
            } catch {
                failure = error
            }
            // A short read emptied the socket; asking again would only cost a system call. TLS reads record by record.
            if count < 16 << 10, configuration.tls == nil { break }
        }
        handOver(session)
        if let failure { end(session, failure) }
    }

    private func handleFrames(_ bytes: borrowing RawSpan, _ session: Session) throws(AMQPError) -> Int {
        var offset = 0
        while session.failure == nil, let frame = try session.splitter.frame(in: bytes, at: offset) {
            offset = frame.end
            let payload = bytes.extracting(frame.payload)
            switch frame.kind {
            case .heartbeat: break
            case .method: try handle(session.decoder.method(payload), on: frame.channel, session)
            case .header:
                let header = try session.decoder.header(payload)
                guard let channel = session.channel(frame.channel), channel.end == nil else { continue }
                if let content = try channel.assembler.header(size: header.size, properties: header.properties) {
                    handle(content, on: channel, session)
                }
            case .body:
                guard let channel = session.channel(frame.channel), channel.end == nil else { continue }
                if let content = try channel.assembler.body(payload) { handle(content, on: channel, session) }
            }
        }
        return offset
    }

    /// Hands the deliveries of this turn to their consumers, all of one consumer at once.
    func handOver(_ session: Session) {
        for slot in session.filledConsumers {
            slot.isFilled = false
            slot.buffer.push(slot.batch)
            slot.batch.removeAll(keepingCapacity: true)
        }
        session.filledConsumers.removeAll(keepingCapacity: true)
    }
}
