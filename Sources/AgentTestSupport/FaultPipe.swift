/// One direction of a proxied connection: what has come and has not gone on.
struct FaultPipe {
    private struct Piece {
        let bytes: ArraySlice<UInt8>
        let dueAt: ContinuousClock.Instant
    }

    private var pieces: [Piece] = []
    private var counter = FrameCounter()
    /// When the line is free again, for throttling.
    private var freeAt: ContinuousClock.Instant?

    /// How many bytes have gone on.
    private(set) var forwarded = 0
    var isEmpty: Bool { pieces.isEmpty }
    /// Whether more may be read from the source.
    var hasRoom: Bool { pieces.reduce(0) { $0 + $1.bytes.count } < 256 << 10 }

    /// Takes bytes that have come.
    mutating func take(_ bytes: [UInt8], _ behavior: FaultBehavior, isFromBroker: Bool, at now: ContinuousClock.Instant)
    {
        guard !behavior.swallowsAll else { return }
        var kept = bytes[...]
        if isFromBroker, let limit = behavior.brokerFrames { kept = kept.prefix(counter.bytes(of: kept, upTo: limit)) }
        if !kept.isEmpty { pieces.append(Piece(bytes: kept, dueAt: now + behavior.latency)) }
    }

    /// Throws away what has not gone on.
    mutating func drop() { pieces = [] }

    /// Writes what is due.
    ///
    /// - Parameters:
    ///   - limit: how many bytes may go on at the most.
    ///   - write: returns how many bytes it took, nil when it takes none now.
    mutating func flush(
        _ behavior: FaultBehavior, limit: Int?, at now: ContinuousClock.Instant, _ write: (ArraySlice<UInt8>) -> Int?
    ) {
        var left = limit ?? .max
        while let piece = pieces.first, piece.dueAt <= now, left > 0 {
            if behavior.bytesPerSecond != nil, let freeAt, freeAt > now { return }
            // A throttled line carries what a hundredth of a second is worth.
            let share = behavior.bytesPerSecond.map { max(1, $0 / 100) } ?? .max
            let slice = piece.bytes.prefix(min(behavior.sliceSize ?? .max, share, left))
            guard let count = write(slice) else { return }
            forwarded += count
            left -= count
            if let rate = behavior.bytesPerSecond {
                freeAt = max(freeAt ?? now, now - .milliseconds(20)) + .seconds(Double(count) / Double(max(1, rate)))
            }
            let rest = piece.bytes.dropFirst(count)
            if rest.isEmpty {
                pieces.removeFirst()
            } else {
                pieces[0] = Piece(bytes: rest, dueAt: piece.dueAt)
            }
        }
    }
}

/// Counts the AMQP frames in a stream of bytes.
private struct FrameCounter {
    private var frames = 0
    private var header: [UInt8] = []
    /// Bytes of the current frame that are still to come, its header apart.
    private var left = 0

    /// How many of these bytes belong to the first `limit` frames of the stream.
    mutating func bytes(of bytes: ArraySlice<UInt8>, upTo limit: Int) -> Int {
        for (offset, byte) in bytes.enumerated() {
            if frames >= limit { return offset }
            if header.count < 7 {
                header.append(byte)
                if header.count == 7 { left = header[3...6].reduce(0) { $0 << 8 | Int($1) } + 1 }
            } else {
                left -= 1
                if left == 0 {
                    frames += 1
                    header = []
                }
            }
        }
        return bytes.count
    }
}
