internal import AgentSabotage

extension WriteAheadLog {
    /// So much is read and written at once, in bytes. SQLite's file object takes less than 128 KiB, the longest frame among it.
    private static let portion = 1 << 16

    /// Writes everything up to `end` once more and waits for the disk. Nobody else may write meanwhile; reading is harmless, for the bytes stay the same.
    ///
    /// After a failed sync the system counts the pages as written, whether they are or not, and no later sync looks at
    /// them again. They must be made dirty once more. What is read here comes from the system's cache, or, when the cache
    /// has let a page go, from the disk, which may have an old one. So nothing is written that its checksum does not prove.
    ///
    /// - Throws: ``SQLiteError``; with `corrupt` when the log does not read as it was written.
    func rewrite(upTo end: End) throws(SQLiteError) {
        guard end.isKnown else {
            throw SQLiteError(code: .error, message: "the log is of a kind that cannot be checked", sql: nil)
        }
        if end.frames > 0, !Sabotage.isOn(.believeLaterSync) { try rewriteFrames(upTo: end) }
        try synchronize()
    }

    private func rewriteFrames(upTo end: End) throws(SQLiteError) {
        let header = try read(WriteAheadLogProof.headerSize, at: 0)
        guard var proof = WriteAheadLogProof(header: header, salts: end.salts) else { throw Self.unlike }
        try write(header, at: 0)
        let size = WriteAheadLogProof.frameHeaderSize + end.pageSize
        let framesAtOnce = max(1, Self.portion / size)
        var done = 0
        while done < end.frames {
            let count = min(framesAtOnce, end.frames - done)
            let offset = WriteAheadLogProof.headerSize + done * size
            let bytes = try read(count * size, at: offset)
            for index in 0..<count {
                guard proof.accepts(bytes[(index * size)..<((index + 1) * size)]) else { throw Self.unlike }
            }
            try write(bytes, at: offset)
            done += count
        }
        guard proof.checksum == end.checksum else { throw Self.unlike }
    }

    private static var unlike: SQLiteError {
        SQLiteError(
            code: .corrupt,
            message: "the disk has lost a part of the log that it did not confirm; only a restart of the agent helps",
            sql: nil)
    }
}
