internal import CRabbitMQ

/// Encodes methods and messages with the C library, straight into the bytes that go to the socket.
struct FrameWriter: ~Copyable {
    private let arena = EncodingArena()
    let frameMax: Int
    /// What waits for the socket.
    var output = OutputBuffer()

    init(frameMax: Int) {
        self.frameMax = frameMax
    }

    // MARK: Frames

    /// Writes a method frame. `arguments` builds the C structure; strings in it must come from the arena.
    mutating func method<Arguments>(
        _ id: UInt32, on channel: UInt16, atMost maximum: Int = 64, _ arguments: (borrowing EncodingArena) -> Arguments
    ) -> AMQPError? {
        let start = output.count
        var arguments = arguments(arena)
        putEnvelope(type: UInt8(AMQP_FRAME_METHOD), channel: channel)
        put(id)
        let written = unsafe output.append(atMost: maximum) { room in
            unsafe withUnsafeMutablePointer(to: &arguments) { pointer in
                Int(unsafe amqp_encode_method(id, pointer, amqp_bytes_t(len: room.count, bytes: room.baseAddress)))
            }
        }
        arena.recycle()
        return finish(from: start, payload: written < 0 ? written : written + 4)
    }

    private mutating func putEnvelope(type: UInt8, channel: UInt16) {
        _ = unsafe output.append(atMost: 7) { room in
            unsafe room.storeBytes(of: type, as: UInt8.self)
            unsafe room.storeBytes(of: channel.bigEndian, toByteOffset: 1, as: UInt16.self)
            unsafe room.storeBytes(of: 0, toByteOffset: 3, as: UInt32.self)
            return 7
        }
    }

    private mutating func put(_ value: UInt32) {
        _ = unsafe output.append(atMost: 4) { room in
            unsafe room.storeBytes(of: value.bigEndian, as: UInt32.self)
            return 4
        }
    }

    /// Fills in the size and the end mark, or takes the frame back when it could not be encoded.
    private mutating func finish(from start: Int, payload: Int) -> AMQPError? {
        guard payload >= 0, payload + 8 <= frameMax else {
            output.truncate(to: start)
            return AMQPError(.invalidMessage, "arguments or headers are larger than one frame of \(frameMax) bytes")
        }
        output.patch(UInt32(payload).bigEndian, at: start + 3)
        output.append(0xCE)
        return nil
    }

    // MARK: Connection and channels

    mutating func heartbeat() {
        putEnvelope(type: UInt8(AMQP_FRAME_HEARTBEAT), channel: 0)
        output.append(0xCE)
    }

    mutating func closeConnection() {
        _ = unsafe method(AMQP_CONNECTION_CLOSE_METHOD, on: 0, atMost: 300) { arena in
            unsafe amqp_connection_close_t(
                reply_code: 200, reply_text: arena.bytes("closed by its owner"), class_id: 0, method_id: 0)
        }
    }

    mutating func confirmConnectionClose() {
        _ = method(AMQP_CONNECTION_CLOSE_OK_METHOD, on: 0) { _ in amqp_connection_close_ok_t() }
    }

    mutating func openChannel(_ channel: UInt16) {
        _ = unsafe method(AMQP_CHANNEL_OPEN_METHOD, on: channel) { _ in unsafe amqp_channel_open_t() }
    }

    mutating func closeChannel(_ channel: UInt16) {
        _ = unsafe method(AMQP_CHANNEL_CLOSE_METHOD, on: channel, atMost: 300) { arena in
            unsafe amqp_channel_close_t(reply_code: 200, reply_text: arena.bytes(""), class_id: 0, method_id: 0)
        }
    }

    mutating func confirmChannelClose(_ channel: UInt16) {
        _ = method(AMQP_CHANNEL_CLOSE_OK_METHOD, on: channel) { _ in amqp_channel_close_ok_t() }
    }

    mutating func confirmFlow(_ channel: UInt16, active: Bool) {
        _ = method(AMQP_CHANNEL_FLOW_OK_METHOD, on: channel) { _ in amqp_channel_flow_ok_t(active: active ? 1 : 0) }
    }

    mutating func selectConfirms(_ channel: UInt16) {
        _ = method(AMQP_CONFIRM_SELECT_METHOD, on: channel) { _ in amqp_confirm_select_t(nowait: 0) }
    }

    // MARK: Consuming

    mutating func limitPrefetch(_ channel: UInt16, to count: UInt16) {
        _ = method(AMQP_BASIC_QOS_METHOD, on: channel) { _ in
            amqp_basic_qos_t(prefetch_size: 0, prefetch_count: count, global: 0)
        }
    }

    mutating func consume(_ channel: UInt16, _ consumer: AMQPConsumer) -> AMQPError? {
        unsafe method(AMQP_BASIC_CONSUME_METHOD, on: channel, atMost: frameMax) { arena in
            unsafe amqp_basic_consume_t(
                ticket: 0, queue: arena.bytes(consumer.queue), consumer_tag: arena.bytes(consumer.tag), no_local: 0,
                no_ack: 0,
                exclusive: consumer.exclusive ? 1 : 0, nowait: 0, arguments: arena.table(consumer.arguments))
        }
    }

    mutating func cancel(_ channel: UInt16, tag: String) {
        _ = unsafe method(AMQP_BASIC_CANCEL_METHOD, on: channel, atMost: 300) { arena in
            unsafe amqp_basic_cancel_t(consumer_tag: arena.bytes(tag), nowait: 0)
        }
    }

    mutating func confirmCancel(_ channel: UInt16, tag: String) {
        _ = unsafe method(AMQP_BASIC_CANCEL_OK_METHOD, on: channel, atMost: 300) { arena in
            unsafe amqp_basic_cancel_ok_t(consumer_tag: arena.bytes(tag))
        }
    }

    mutating func settle(_ channel: UInt16, _ action: AckLedger.Action) {
        switch action {
        case .acknowledge(let tag, let multiple):
            _ = method(AMQP_BASIC_ACK_METHOD, on: channel) { _ in
                amqp_basic_ack_t(delivery_tag: tag, multiple: multiple ? 1 : 0)
            }
        case .reject(let tag, let requeue):
            _ = method(AMQP_BASIC_REJECT_METHOD, on: channel) { _ in
                amqp_basic_reject_t(delivery_tag: tag, requeue: requeue ? 1 : 0)
            }
        }
    }

    mutating func get(_ channel: UInt16, queue: String) {
        _ = unsafe method(AMQP_BASIC_GET_METHOD, on: channel, atMost: 300) { arena in
            unsafe amqp_basic_get_t(ticket: 0, queue: arena.bytes(queue), no_ack: 0)
        }
    }

    // MARK: Publishing

    mutating func publish(_ channel: UInt16, _ message: AMQPMessage) -> AMQPError? {
        let start = output.count
        let refused =
            unsafe method(AMQP_BASIC_PUBLISH_METHOD, on: channel, atMost: 600) { arena in
                unsafe amqp_basic_publish_t(
                    ticket: 0, exchange: arena.bytes(message.exchange), routing_key: arena.bytes(message.routingKey),
                    mandatory: message.mandatory ? 1 : 0, immediate: 0)
            } ?? header(channel, message)
        if let refused {
            output.truncate(to: start)
            return refused
        }
        var offset = 0
        while offset < message.body.count {
            let end = min(offset + frameMax - 8, message.body.count)
            let frameStart = output.count
            putEnvelope(type: UInt8(AMQP_FRAME_BODY), channel: channel)
            output.append(message.body, offset..<end)
            _ = finish(from: frameStart, payload: end - offset)
            offset = end
        }
        return nil
    }

    private mutating func header(_ channel: UInt16, _ message: AMQPMessage) -> AMQPError? {
        let start = output.count
        putEnvelope(type: UInt8(AMQP_FRAME_HEADER), channel: channel)
        put(UInt32(AMQP_BASIC_CLASS) << 16)
        put(UInt32(truncatingIfNeeded: message.body.count >> 32))
        put(UInt32(truncatingIfNeeded: message.body.count))
        var properties = unsafe arena.properties(message.properties)
        let written = unsafe output.append(atMost: message.properties.headers == nil ? 4096 : frameMax) { room in
            unsafe withUnsafeMutablePointer(to: &properties) { pointer in
                Int(
                    unsafe amqp_encode_properties(
                        UInt16(AMQP_BASIC_CLASS), pointer, amqp_bytes_t(len: room.count, bytes: room.baseAddress)))
            }
        }
        arena.recycle()
        return finish(from: start, payload: written < 0 ? written : written + 12)
    }
}
