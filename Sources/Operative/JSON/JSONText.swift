/// Finds the end of what needs no attention in a JSON string, eight bytes at a time.
enum JSONText {
    private static let lowBits: UInt64 = 0x0101_0101_0101_0101
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// The first byte from `start` on that is a quote, a backslash, a control character or not ASCII; the end of the text when there is none.
    @inline(__always)
    static func plainEnd(in bytes: Span<UInt8>, from start: Int) -> Int {
        var index = start
        while bytes.count - index >= 8 {
            let marks = marks(of: word(in: bytes, at: index))
            if marks != 0 { return index &+ marks.trailingZeroBitCount / 8 }
            index &+= 8
        }
        while index < bytes.count, isPlain(bytes[index]) { index &+= 1 }
        return index
    }

    /// Eight bytes as a number, the first one lowest. The load checks its bounds; byte by byte they would be checked eight times.
    @inline(__always)
    private static func word(in bytes: Span<UInt8>, at index: Int) -> UInt64 {
        UInt64(littleEndian: unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self))
    }

    /// Sets the high bit of every byte that is not plain. Subtracting borrows from the byte above, so only the lowest mark is to be relied on.
    @inline(__always)
    private static func marks(of word: UInt64) -> UInt64 {
        let quotes = (word ^ (lowBits &* UInt64(ASCII.quote))) &- lowBits
        let backslashes = (word ^ (lowBits &* UInt64(ASCII.backslash))) &- lowBits
        let controls = word &- lowBits &* 0x20
        return (quotes | backslashes | controls | word) & highBits
    }

    @inline(__always)
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x80 && byte != ASCII.quote && byte != ASCII.backslash
    }
}
