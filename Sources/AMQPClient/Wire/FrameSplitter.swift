/// Cuts a stream of bytes into AMQP frames and checks their envelope (AMQP 0-9-1, section 4.2.3).
///
/// Works on complete buffers only: what is left over is offered again, with more bytes behind it. Sizes are checked here, before
/// any decoder sees the payload, because decoders of older librabbitmq versions read beyond frames that are too short.
struct FrameSplitter {
    /// The kinds of frames.
    enum Kind: Equatable {
        case method, header, body, heartbeat
    }

    /// A frame within a buffer.
    struct Frame: Equatable {
        let kind: Kind
        let channel: UInt16
        /// Where the payload lies in the buffer.
        let payload: Range<Int>
        /// Where the next frame begins.
        let end: Int
    }

    /// The largest frame that was negotiated, with its envelope of 8 bytes.
    let frameMax: Int

    /// The frame at `offset`; nil when it is not complete yet.
    func frame(in bytes: borrowing RawSpan, at offset: Int) throws(AMQPError) -> Frame? {
        guard bytes.byteCount - offset >= 7 else { return nil }
        let size = Int(bytes.uint32(at: offset + 3))
        guard size + 8 <= frameMax else {
            throw AMQPError(
                .protocolViolation, "the peer sent a frame of \(size) bytes, more than the negotiated \(frameMax)")
        }
        let (kind, minimum): (Kind, Int)
        switch bytes.uint8(at: offset) {
        case 1: (kind, minimum) = (.method, 4)
        case 2: (kind, minimum) = (.header, 14)
        case 3: (kind, minimum) = (.body, 0)
        case 8: (kind, minimum) = (.heartbeat, 0)
        case let other: throw AMQPError(.protocolViolation, "the peer sent a frame of the unknown type \(other)")
        }
        guard size >= minimum else {
            throw AMQPError(.protocolViolation, "the peer sent a frame of \(size) bytes that is too short for its type")
        }
        let payload = (offset + 7)..<(offset + 7 + size)
        guard bytes.byteCount > payload.upperBound else { return nil }
        guard bytes.uint8(at: payload.upperBound) == 0xCE else {
            throw AMQPError(.protocolViolation, "the peer sent a frame without its end mark")
        }
        return Frame(kind: kind, channel: bytes.uint16(at: offset + 1), payload: payload, end: payload.upperBound + 1)
    }
}
