internal import CRabbitMQ

/// Memory for the strings and tables of one method, taken back all at once. The C library borrows every string that it is
/// given, so each must outlive the call.
@safe
struct EncodingArena: ~Copyable {
    private let pool: UnsafeMutablePointer<amqp_pool_t>

    init() {
        unsafe pool = .allocate(capacity: 1)
        unsafe init_amqp_pool(pool, 4096)
    }

    deinit {
        unsafe empty_amqp_pool(pool)
        unsafe pool.deallocate()
    }

    /// The pool, for decoders that allocate in it.
    var pointer: UnsafeMutablePointer<amqp_pool_t> { unsafe pool }

    /// Takes back everything that was lent.
    func recycle() {
        unsafe recycle_amqp_pool(pool)
    }

    /// A copy of the text that lives until ``recycle()``.
    func bytes(_ text: String) -> amqp_bytes_t {
        var text = text
        return text.withUTF8 { utf8 in unsafe copy(UnsafeRawBufferPointer(utf8)) }
    }

    /// A copy of the bytes that lives until ``recycle()``.
    func bytes(_ bytes: [UInt8]) -> amqp_bytes_t {
        unsafe bytes.withUnsafeBytes { unsafe copy($0) }
    }

    private func copy(_ source: UnsafeRawBufferPointer) -> amqp_bytes_t {
        guard let from = source.baseAddress, source.count > 0, let to = unsafe amqp_pool_alloc(pool, source.count)
        else {
            return unsafe amqp_bytes_t(len: 0, bytes: nil)
        }
        unsafe to.copyMemory(from: from, byteCount: source.count)
        return unsafe amqp_bytes_t(len: source.count, bytes: to)
    }

    /// A table that lives until ``recycle()``. Nested deeper than 32, values are left out: no broker accepts them.
    func table(_ entries: [String: AMQPFieldValue], depth: Int = 0) -> amqp_table_t {
        guard !entries.isEmpty, depth < 32,
            let memory = unsafe amqp_pool_alloc(pool, entries.count * MemoryLayout<amqp_table_entry_t>.stride)
        else { return unsafe amqp_table_t(num_entries: 0, entries: nil) }
        let first = unsafe memory.bindMemory(to: amqp_table_entry_t.self, capacity: entries.count)
        for (index, entry) in entries.enumerated() {
            unsafe (first + index).initialize(
                to: amqp_table_entry_t(key: bytes(entry.key), value: field(entry.value, depth: depth + 1)))
        }
        return unsafe amqp_table_t(num_entries: CInt(entries.count), entries: first)
    }

    private func array(_ values: [AMQPFieldValue], depth: Int) -> amqp_array_t {
        guard !values.isEmpty, depth < 32,
            let memory = unsafe amqp_pool_alloc(pool, values.count * MemoryLayout<amqp_field_value_t>.stride)
        else { return unsafe amqp_array_t(num_entries: 0, entries: nil) }
        let first = unsafe memory.bindMemory(to: amqp_field_value_t.self, capacity: values.count)
        for (index, value) in values.enumerated() {
            unsafe (first + index).initialize(to: field(value, depth: depth + 1))
        }
        return unsafe amqp_array_t(num_entries: CInt(values.count), entries: first)
    }

    private func field(_ value: AMQPFieldValue, depth: Int) -> amqp_field_value_t {
        var field = unsafe amqp_field_value_t()
        func kind(_ kind: amqp_field_value_kind_t) { unsafe field.kind = UInt8(truncatingIfNeeded: kind.rawValue) }
        switch value {
        case .null:
            kind(AMQP_FIELD_KIND_VOID)
        case .bool(let flag):
            kind(AMQP_FIELD_KIND_BOOLEAN)
            unsafe field.value.boolean = flag ? 1 : 0
        case .integer(let number):
            if let small = Int32(exactly: number) {
                kind(AMQP_FIELD_KIND_I32)
                unsafe field.value.i32 = small
            } else {
                kind(AMQP_FIELD_KIND_I64)
                unsafe field.value.i64 = number
            }
        case .double(let number):
            kind(AMQP_FIELD_KIND_F64)
            unsafe field.value.f64 = number
        case .string(let text):
            kind(AMQP_FIELD_KIND_UTF8)
            unsafe field.value.bytes = bytes(text)
        case .bytes(let raw):
            kind(AMQP_FIELD_KIND_BYTES)
            unsafe field.value.bytes = bytes(raw)
        case .timestamp(let seconds):
            kind(AMQP_FIELD_KIND_TIMESTAMP)
            unsafe field.value.u64 = seconds
        case .array(let values):
            kind(AMQP_FIELD_KIND_ARRAY)
            unsafe field.value.array = array(values, depth: depth)
        case .table(let entries):
            kind(AMQP_FIELD_KIND_TABLE)
            unsafe field.value.table = table(entries, depth: depth)
        }
        return unsafe field
    }
}
