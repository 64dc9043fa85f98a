/// What a script has written to one channel, as far as an error shows it: the beginning and the end, and how much is missing between.
struct KeptOutput: Sendable {
    /// How many bytes of the beginning are kept.
    private let headLimit: Int
    /// How many bytes of the end are kept.
    private let tailLimit: Int
    private var head: [UInt8] = []
    private var tail: [UInt8] = []
    private var total = 0

    init(headLimit: Int = 16 << 10, tailLimit: Int = 48 << 10) {
        self.headLimit = headLimit
        self.tailLimit = tailLimit
    }

    var isEmpty: Bool { total == 0 }

    mutating func append(_ text: String) {
        let bytes = text.utf8
        total += bytes.count
        let room = headLimit - head.count
        head += bytes.prefix(room)
        tail += bytes.dropFirst(room)
        // Not at every line: moving all of it each time would cost more than what it holds.
        if tail.count > 2 * tailLimit { tail.removeFirst(tail.count - tailLimit) }
    }

    /// What is kept, with a note where something is missing.
    var text: String {
        guard total > headLimit + tailLimit else { return String(decoding: head + tail, as: UTF8.self) }
        // A character that was cut is missing too.
        let end = tail.suffix(tailLimit).drop { $0 & 0xC0 == 0x80 }
        var start = head[...]
        if let lead = start.lastIndex(where: { $0 & 0xC0 != 0x80 }), start.count - lead < Self.length(of: start[lead]) {
            start = start[..<lead]
        }
        let missing = total - start.count - end.count
        return String(decoding: start, as: UTF8.self) + "\n[... \(missing) bytes left out ...]\n"
            + String(decoding: end, as: UTF8.self)
    }

    private static func length(of lead: UInt8) -> Int {
        switch lead {
        case 0xC0..<0xE0: 2
        case 0xE0..<0xF0: 3
        case 0xF0...: 4
        default: 1
        }
    }
}
