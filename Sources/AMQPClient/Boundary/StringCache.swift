/// Remembers the last text of a place where the same text keeps coming, such as the exchange of a queue's deliveries.
struct StringCache {
    private var bytes: [UInt8] = []
    private var text = ""

    /// The text of the bytes; the same `String` as last time when the bytes are the same.
    mutating func text(of raw: borrowing RawSpan) -> String {
        let isSame = unsafe raw.withUnsafeBytes { raw in
            unsafe bytes.withUnsafeBytes { known in unsafe known.count == raw.count && known.elementsEqual(raw) }
        }
        if !isSame {
            bytes = raw.copied()
            text = String(decoding: bytes, as: UTF8.self)
        }
        return text
    }
}
