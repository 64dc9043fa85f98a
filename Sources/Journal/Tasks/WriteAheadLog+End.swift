internal import CSQLite

extension WriteAheadLog {
    /// How far the log goes, as SQLite remembers it in memory that no disk can spoil.
    struct End: Sendable, Equatable {
        /// The version of the format that ``WriteAheadLogProof`` knows.
        private static let knownVersion: UInt32 = 3_007_000

        /// Whether the rest means what it should.
        let isKnown: Bool
        /// How many pages were written to the log since it began anew.
        let frames: Int
        /// In bytes.
        let pageSize: Int
        /// Of everything up to the last frame.
        let checksum: WriteAheadLogProof.Checksum
        /// What tells the frames of this log from those that an older one left behind.
        let salts: [UInt8]

        init(_ index: operative_wal_index) {
            isKnown = index.version == Self.knownVersion && index.is_valid == 1
            frames = Int(index.frames)
            // 65,536 does not fit, so SQLite writes 1 for it.
            pageSize = Int(index.page_size & 0xFE00) + Int(index.page_size & 1) << 16
            checksum = WriteAheadLogProof.Checksum(first: index.checksum.0, second: index.checksum.1)
            let salts = index.salts
            self.salts = [salts.0, salts.1, salts.2, salts.3, salts.4, salts.5, salts.6, salts.7]
        }
    }
}
