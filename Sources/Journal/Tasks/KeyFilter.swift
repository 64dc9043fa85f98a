/// A set of keys that forgets which ones they are: it says of a key that it is not in it, or that it may be.
///
/// A Bloom filter whose bits for one key lie in one line of the processor's cache. Full, it errs for about one strange key in a thousand.
struct KeyFilter: Sendable {
    /// How many keys it takes.
    static let capacity = 131_072

    private static let wordsPerBlock = 8
    private static let blocks = 4_096
    private static let bitsPerKey = 6

    private(set) var count = 0
    private var words: [UInt64]

    init() { words = [UInt64](repeating: 0, count: Self.blocks * Self.wordsPerBlock) }

    mutating func insert(_ key: Int64) {
        count += 1
        var probe = Probe(key)
        for _ in 0..<Self.bitsPerKey {
            let (word, bit) = probe.next()
            words[word] |= bit
        }
    }

    func mayContain(_ key: Int64) -> Bool {
        var probe = Probe(key)
        for _ in 0..<Self.bitsPerKey {
            let (word, bit) = probe.next()
            if words[word] & bit == 0 { return false }
        }
        return true
    }

    /// Where the bits of a key are.
    private struct Probe {
        private let block: Int
        private var places: UInt64

        init(_ key: Int64) {
            var hash = UInt64(bitPattern: key) &* 0x9e37_79b9_7f4a_7c15
            hash ^= hash >> 32
            block = Int(truncatingIfNeeded: hash & UInt64(KeyFilter.blocks - 1)) * KeyFilter.wordsPerBlock
            hash = hash &* 0xd6e8_feb8_6659_fd93
            places = hash ^ hash >> 32
        }

        mutating func next() -> (word: Int, bit: UInt64) {
            let place = places & 511
            places >>= 9
            return (block + Int(place >> 6), 1 << (place & 63))
        }
    }
}

extension KeyFilter {
    /// What ``bytes`` gave; nil for anything else.
    init?(bytes: [UInt8], count: Int) {
        self.init()
        guard bytes.count == words.count * 8 else { return nil }
        self.count = count
        for index in words.indices {
            var word: UInt64 = 0
            for byte in 0..<8 { word |= UInt64(bytes[index * 8 + byte]) << UInt64(byte * 8) }
            words[index] = word
        }
    }

    /// The same in every process and on every machine.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(words.count * 8)
        for word in words {
            for byte in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(byte * 8))) }
        }
        return bytes
    }
}
