internal import CRabbitMQ

extension String {
    /// Text from the wire; what is not UTF-8 is replaced, never trusted.
    init(_ bytes: amqp_bytes_t) {
        guard let base = unsafe bytes.bytes, unsafe bytes.len > 0 else {
            self = ""
            return
        }
        self = unsafe String(decoding: UnsafeRawBufferPointer(start: base, count: bytes.len), as: UTF8.self)
    }
}

extension AMQPFieldValue {
    /// A value from the wire. What is nested deeper than 32 tables or lists is dropped: nobody sends it in good faith, and it
    /// would cost stack.
    init(_ field: amqp_field_value_t, depth: Int = 0) {
        let kind = unsafe amqp_field_value_kind_t(UInt32(field.kind))
        switch kind {
        case AMQP_FIELD_KIND_BOOLEAN: self = unsafe .bool(field.value.boolean != 0)
        case AMQP_FIELD_KIND_I8: self = unsafe .integer(Int64(field.value.i8))
        case AMQP_FIELD_KIND_U8: self = unsafe .integer(Int64(field.value.u8))
        case AMQP_FIELD_KIND_I16: self = unsafe .integer(Int64(field.value.i16))
        case AMQP_FIELD_KIND_U16: self = unsafe .integer(Int64(field.value.u16))
        case AMQP_FIELD_KIND_I32: self = unsafe .integer(Int64(field.value.i32))
        case AMQP_FIELD_KIND_U32: self = unsafe .integer(Int64(field.value.u32))
        case AMQP_FIELD_KIND_I64: self = unsafe .integer(field.value.i64)
        case AMQP_FIELD_KIND_U64: self = unsafe .integer(Int64(clamping: field.value.u64))
        case AMQP_FIELD_KIND_F32: self = unsafe .double(Double(field.value.f32))
        case AMQP_FIELD_KIND_F64: self = unsafe .double(field.value.f64)
        case AMQP_FIELD_KIND_DECIMAL:
            var value = unsafe Double(field.value.decimal.value)
            for _ in 0..<(unsafe field.value.decimal.decimals) { value /= 10 }
            self = .double(value)
        case AMQP_FIELD_KIND_UTF8:
            let bytes = unsafe field.value.bytes
            guard let base = unsafe bytes.bytes, unsafe bytes.len > 0 else {
                self = .string("")
                return
            }
            let raw = unsafe UnsafeRawBufferPointer(start: base, count: bytes.len)
            if let text = unsafe String(validating: raw, as: UTF8.self) {
                self = .string(text)
            } else {
                self = unsafe .bytes([UInt8](raw))
            }
        case AMQP_FIELD_KIND_BYTES:
            let bytes = unsafe field.value.bytes
            self = unsafe .bytes(
                [UInt8](UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.bytes == nil ? 0 : bytes.len)))
        case AMQP_FIELD_KIND_TIMESTAMP: self = unsafe .timestamp(field.value.u64)
        case AMQP_FIELD_KIND_ARRAY:
            let array = unsafe field.value.array
            let count = depth < 32 ? Int(unsafe array.num_entries) : 0
            self = .array((0..<count).map { unsafe AMQPFieldValue(array.entries[$0], depth: depth + 1) })
        case AMQP_FIELD_KIND_TABLE: self = unsafe .table(Self.table(field.value.table, depth: depth + 1))
        default: self = .null
        }
    }

    /// A table from the wire. Of entries with the same key, the last one counts.
    static func table(_ table: amqp_table_t, depth: Int = 0) -> [String: AMQPFieldValue] {
        var entries: [String: AMQPFieldValue] = [:]
        guard depth <= 32 else { return entries }
        for index in 0..<Int(unsafe table.num_entries) {
            let entry = unsafe table.entries[index]
            unsafe entries[String(entry.key)] = unsafe AMQPFieldValue(entry.value, depth: depth)
        }
        return entries
    }
}
