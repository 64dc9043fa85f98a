internal import CRabbitMQ

/// Decodes methods and properties with the C library and copies them out at once.
struct MethodDecoder: ~Copyable {
    private let arena = EncodingArena()
    private var exchanges = StringCache()
    private var routingKeys = StringCache()
    private var contentTypes = StringCache()

    /// Decodes the payload of a method frame, at least four bytes.
    mutating func method(_ payload: borrowing RawSpan) throws(AMQPError) -> IncomingMethod {
        let id = payload.uint32(at: 0)
        let arguments = payload.extracting(droppingFirst: 4)
        defer { arena.recycle() }
        var decoded: UnsafeMutableRawPointer?
        let status = unsafe arguments.withUnsafeBytes { raw in
            unsafe amqp_decode_method(
                id, arena.pointer,
                amqp_bytes_t(len: raw.count, bytes: UnsafeMutableRawPointer(mutating: raw.baseAddress)),
                &decoded)
        }
        guard status >= 0, let decoded = unsafe decoded else {
            throw AMQPError(
                .protocolViolation, "the peer sent method 0x\(String(id, radix: 16)) in a form that cannot be decoded")
        }
        return unsafe copy(id, decoded)
    }

    private mutating func copy(_ id: UInt32, _ decoded: UnsafeMutableRawPointer) -> IncomingMethod {
        switch id {
        case AMQP_BASIC_DELIVER_METHOD:
            let method = unsafe decoded.load(as: amqp_basic_deliver_t.self)
            return unsafe .deliver(
                DeliveryMethod(
                    tag: method.delivery_tag, redelivered: method.redelivered != 0,
                    exchange: exchanges.text(of: method.exchange), routingKey: routingKeys.text(of: method.routing_key))
            )
        case AMQP_BASIC_ACK_METHOD:
            let method = unsafe decoded.load(as: amqp_basic_ack_t.self)
            return .acknowledged(number: method.delivery_tag, multiple: method.multiple != 0, nacked: false)
        case AMQP_BASIC_NACK_METHOD:
            let method = unsafe decoded.load(as: amqp_basic_nack_t.self)
            return .acknowledged(number: method.delivery_tag, multiple: method.multiple != 0, nacked: true)
        case AMQP_BASIC_RETURN_METHOD:
            let method = unsafe decoded.load(as: amqp_basic_return_t.self)
            return unsafe .returned(
                ReturnMethod(
                    code: method.reply_code, text: String(method.reply_text), exchange: String(method.exchange),
                    routingKey: String(method.routing_key)))
        case AMQP_BASIC_GET_OK_METHOD:
            let method = unsafe decoded.load(as: amqp_basic_get_ok_t.self)
            return unsafe .getOK(
                DeliveryMethod(
                    tag: method.delivery_tag, redelivered: method.redelivered != 0, exchange: String(method.exchange),
                    routingKey: String(method.routing_key)),
                remaining: method.message_count)
        case AMQP_BASIC_GET_EMPTY_METHOD: return .getEmpty
        case AMQP_BASIC_CONSUME_OK_METHOD:
            return unsafe .consumeOK(tag: String(decoded.load(as: amqp_basic_consume_ok_t.self).consumer_tag))
        case AMQP_BASIC_CANCEL_METHOD:
            let method = unsafe decoded.load(as: amqp_basic_cancel_t.self)
            return unsafe .cancel(tag: String(method.consumer_tag), needsReply: method.nowait == 0)
        case AMQP_QUEUE_DECLARE_OK_METHOD:
            let method = unsafe decoded.load(as: amqp_queue_declare_ok_t.self)
            return unsafe .queueDeclareOK(
                AMQPQueueInfo(
                    name: String(method.queue), messageCount: Int(method.message_count),
                    consumerCount: Int(method.consumer_count)))
        case AMQP_QUEUE_DELETE_OK_METHOD:
            return .messageCount(unsafe decoded.load(as: amqp_queue_delete_ok_t.self).message_count)
        case AMQP_QUEUE_PURGE_OK_METHOD:
            return .messageCount(unsafe decoded.load(as: amqp_queue_purge_ok_t.self).message_count)
        case AMQP_CHANNEL_CLOSE_METHOD:
            let method = unsafe decoded.load(as: amqp_channel_close_t.self)
            return unsafe .channelClose(code: method.reply_code, text: String(method.reply_text))
        case AMQP_CHANNEL_CLOSE_OK_METHOD: return .channelCloseOK
        case AMQP_CHANNEL_FLOW_METHOD:
            return .channelFlow(active: unsafe decoded.load(as: amqp_channel_flow_t.self).active != 0)
        case AMQP_CONNECTION_CLOSE_METHOD:
            let method = unsafe decoded.load(as: amqp_connection_close_t.self)
            return unsafe .connectionClose(code: method.reply_code, text: String(method.reply_text))
        case AMQP_CONNECTION_CLOSE_OK_METHOD: return .connectionCloseOK
        case AMQP_CONNECTION_BLOCKED_METHOD:
            return unsafe .connectionBlocked(reason: String(decoded.load(as: amqp_connection_blocked_t.self).reason))
        case AMQP_CONNECTION_UNBLOCKED_METHOD: return .connectionUnblocked
        default: return .done(id)
        }
    }

    /// Decodes the payload of a header frame, at least 14 bytes.
    mutating func header(_ payload: borrowing RawSpan) throws(AMQPError) -> (size: UInt64, properties: AMQPProperties) {
        let classID = payload.uint16(at: 0)
        let size = payload.uint64(at: 4)
        guard classID == UInt16(AMQP_BASIC_CLASS) else {
            throw AMQPError(.protocolViolation, "the peer sent content of the unknown class \(classID)")
        }
        let encoded = payload.extracting(droppingFirst: 12)
        defer { arena.recycle() }
        var decoded: UnsafeMutableRawPointer?
        let status = unsafe encoded.withUnsafeBytes { raw in
            unsafe amqp_decode_properties(
                classID, arena.pointer,
                amqp_bytes_t(len: raw.count, bytes: UnsafeMutableRawPointer(mutating: raw.baseAddress)), &decoded)
        }
        guard status >= 0, let decoded = unsafe decoded else {
            throw AMQPError(.protocolViolation, "the peer sent message properties that cannot be decoded")
        }
        return unsafe (size, copy(decoded.assumingMemoryBound(to: amqp_basic_properties_t.self)))
    }

    private mutating func copy(_ raw: UnsafePointer<amqp_basic_properties_t>) -> AMQPProperties {
        let flags = unsafe Int32(bitPattern: raw.pointee._flags)
        var properties = AMQPProperties()
        if flags & AMQP_BASIC_CONTENT_TYPE_FLAG != 0 {
            properties.contentType = unsafe contentTypes.text(of: raw.pointee.content_type)
        }
        if flags & AMQP_BASIC_CONTENT_ENCODING_FLAG != 0 {
            properties.contentEncoding = unsafe String(raw.pointee.content_encoding)
        }
        if flags & AMQP_BASIC_HEADERS_FLAG != 0 {
            properties.headers = unsafe AMQPFieldValue.table(raw.pointee.headers)
        }
        if flags & AMQP_BASIC_DELIVERY_MODE_FLAG != 0 { properties.deliveryMode = unsafe raw.pointee.delivery_mode }
        if flags & AMQP_BASIC_PRIORITY_FLAG != 0 { properties.priority = unsafe raw.pointee.priority }
        if flags & AMQP_BASIC_CORRELATION_ID_FLAG != 0 {
            properties.correlationID = unsafe String(raw.pointee.correlation_id)
        }
        if flags & AMQP_BASIC_REPLY_TO_FLAG != 0 { properties.replyTo = unsafe String(raw.pointee.reply_to) }
        if flags & AMQP_BASIC_EXPIRATION_FLAG != 0 { properties.expiration = unsafe String(raw.pointee.expiration) }
        if flags & AMQP_BASIC_MESSAGE_ID_FLAG != 0 { properties.messageID = unsafe String(raw.pointee.message_id) }
        if flags & AMQP_BASIC_TIMESTAMP_FLAG != 0 { properties.timestamp = unsafe raw.pointee.timestamp }
        if flags & AMQP_BASIC_TYPE_FLAG != 0 { properties.type = unsafe String(raw.pointee.type) }
        if flags & AMQP_BASIC_USER_ID_FLAG != 0 { properties.userID = unsafe String(raw.pointee.user_id) }
        if flags & AMQP_BASIC_APP_ID_FLAG != 0 { properties.appID = unsafe String(raw.pointee.app_id) }
        return properties
    }
}

extension StringCache {
    fileprivate mutating func text(of bytes: amqp_bytes_t) -> String {
        guard let base = unsafe bytes.bytes else { return "" }
        return text(of: unsafe RawSpan(_unsafeStart: base, byteCount: bytes.len))
    }
}
