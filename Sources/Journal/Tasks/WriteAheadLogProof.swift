/// Checks that bytes read from a write-ahead log are what was once written there: every page has a checksum over all before it.
///
/// The format is SQLite's: https://sqlite.org/fileformat2.html#walformat
struct WriteAheadLogProof {
    struct Checksum: Sendable, Equatable {
        var first: UInt32 = 0
        var second: UInt32 = 0

        /// - Parameter bytes: a multiple of eight.
        mutating func add(_ bytes: ArraySlice<UInt8>, isBigEndian: Bool) {
            var index = bytes.startIndex
            while index < bytes.endIndex {
                first = first &+ bytes.word(at: index, isBigEndian: isBigEndian) &+ second
                second = second &+ bytes.word(at: index + 4, isBigEndian: isBigEndian) &+ first
                index += 8
            }
        }

        init(first: UInt32 = 0, second: UInt32 = 0) {
            self.first = first
            self.second = second
        }

        fileprivate init(_ bytes: ArraySlice<UInt8>, at index: Int) {
            first = bytes.word(at: index, isBigEndian: true)
            second = bytes.word(at: index + 4, isBigEndian: true)
        }
    }

    static let headerSize = 32
    static let frameHeaderSize = 24
    private static let magic: UInt32 = 0x377f_0682

    private let salts: ArraySlice<UInt8>
    private let isBigEndian: Bool
    /// Of everything that was checked so far.
    private(set) var checksum = Checksum()

    /// - Parameter header: the first ``headerSize`` bytes.
    /// - Returns: nil when they are not what they should be.
    init?(header: [UInt8], salts: [UInt8]) {
        guard header.count == Self.headerSize, header[16..<24].elementsEqual(salts) else { return nil }
        let magic = header[...].word(at: 0, isBigEndian: true)
        guard magic & ~1 == Self.magic else { return nil }
        self.salts = header[16..<24]
        isBigEndian = magic & 1 == 1
        checksum.add(header[0..<24], isBigEndian: isBigEndian)
        guard checksum == Checksum(header[...], at: 24) else { return nil }
    }

    /// Checks the next frame: its header and its page.
    ///
    /// - Returns: whether it is what was written.
    mutating func accepts(_ frame: ArraySlice<UInt8>) -> Bool {
        let start = frame.startIndex
        guard frame[(start + 8)..<(start + 16)].elementsEqual(salts) else { return false }
        checksum.add(frame[start..<(start + 8)], isBigEndian: isBigEndian)
        checksum.add(frame[(start + Self.frameHeaderSize)...], isBigEndian: isBigEndian)
        return checksum == Checksum(frame, at: start + 16)
    }
}

extension ArraySlice<UInt8> {
    fileprivate func word(at index: Int, isBigEndian: Bool) -> UInt32 {
        let bytes = (UInt32(self[index]), UInt32(self[index + 1]), UInt32(self[index + 2]), UInt32(self[index + 3]))
        return isBigEndian
            ? bytes.0 << 24 | bytes.1 << 16 | bytes.2 << 8 | bytes.3
            : bytes.3 << 24 | bytes.2 << 16 | bytes.1 << 8 | bytes.0
    }
}
