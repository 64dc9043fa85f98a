internal import CRabbitMQ

extension EncodingArena {
    /// The C form of message properties; lives until `recycle()`.
    func properties(_ properties: AMQPProperties) -> amqp_basic_properties_t {
        var raw = unsafe amqp_basic_properties_t()
        var flags: Int32 = 0
        if let text = properties.contentType {
            unsafe raw.content_type = bytes(text)
            flags |= AMQP_BASIC_CONTENT_TYPE_FLAG
        }
        if let text = properties.contentEncoding {
            unsafe raw.content_encoding = bytes(text)
            flags |= AMQP_BASIC_CONTENT_ENCODING_FLAG
        }
        if let entries = properties.headers {
            unsafe raw.headers = table(entries)
            flags |= AMQP_BASIC_HEADERS_FLAG
        }
        if let mode = properties.deliveryMode {
            unsafe raw.delivery_mode = mode
            flags |= AMQP_BASIC_DELIVERY_MODE_FLAG
        }
        if let priority = properties.priority {
            unsafe raw.priority = priority
            flags |= AMQP_BASIC_PRIORITY_FLAG
        }
        if let text = properties.correlationID {
            unsafe raw.correlation_id = bytes(text)
            flags |= AMQP_BASIC_CORRELATION_ID_FLAG
        }
        if let text = properties.replyTo {
            unsafe raw.reply_to = bytes(text)
            flags |= AMQP_BASIC_REPLY_TO_FLAG
        }
        if let text = properties.expiration {
            unsafe raw.expiration = bytes(text)
            flags |= AMQP_BASIC_EXPIRATION_FLAG
        }
        if let text = properties.messageID {
            unsafe raw.message_id = bytes(text)
            flags |= AMQP_BASIC_MESSAGE_ID_FLAG
        }
        if let seconds = properties.timestamp {
            unsafe raw.timestamp = seconds
            flags |= AMQP_BASIC_TIMESTAMP_FLAG
        }
        if let text = properties.type {
            unsafe raw.type = bytes(text)
            flags |= AMQP_BASIC_TYPE_FLAG
        }
        if let text = properties.userID {
            unsafe raw.user_id = bytes(text)
            flags |= AMQP_BASIC_USER_ID_FLAG
        }
        if let text = properties.appID {
            unsafe raw.app_id = bytes(text)
            flags |= AMQP_BASIC_APP_ID_FLAG
        }
        unsafe raw._flags = amqp_flags_t(bitPattern: flags)
        return unsafe raw
    }
}
