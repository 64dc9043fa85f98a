internal import Glibc

/// Makes lines of bytes as they come.
///
/// A line ends with LF or CR LF. Bytes that are no UTF-8 are replaced. A line of more than `limit` bytes is handed out in parts.
struct LineSplitter {
    private let limit: Int
    private var rest: [UInt8] = []

    init(limit: Int = 1 << 20) { self.limit = limit }

    /// Adds bytes. Returns the lines that are complete now.
    mutating func add(_ bytes: ArraySlice<UInt8>) -> [String] {
        var lines: [String] = []
        var start = bytes.startIndex
        while let end = Self.lineFeed(in: bytes[start...]) {
            rest += bytes[start..<end]
            takeParts(into: &lines)
            if rest.last == UInt8(ascii: "\r") { rest.removeLast() }
            lines.append(String(decoding: rest, as: UTF8.self))
            rest.removeAll(keepingCapacity: rest.capacity <= 65_536)
            start = end + 1
        }
        rest += bytes[start...]
        takeParts(into: &lines)
        return lines
    }

    /// The last line, when it has no end; nil when there is none.
    mutating func finish() -> String? {
        guard !rest.isEmpty else { return nil }
        defer { rest = [] }
        return String(decoding: rest, as: UTF8.self)
    }

    private mutating func takeParts(into lines: inout [String]) {
        while rest.count > limit {
            var end = limit
            // Not within a character: those have at most four bytes, all but the first 10xxxxxx.
            while end > limit - 3, rest[end] & 0xC0 == 0x80 { end -= 1 }
            lines.append(String(decoding: rest[..<end], as: UTF8.self))
            rest.removeFirst(end)
        }
    }

    private static func lineFeed(in bytes: ArraySlice<UInt8>) -> Int? {
        unsafe bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress, let found = unsafe memchr(base, 10, buffer.count) else { return nil }
            return unsafe bytes.startIndex + (UnsafeRawPointer(found) - base)
        }
    }
}
