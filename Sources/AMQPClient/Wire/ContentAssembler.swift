/// Puts a message together from its method, its header and its body frames (AMQP 0-9-1, section 4.2.6).
///
/// One per channel: frames of different channels mix, those of one channel do not. A body above the limit is counted, and only
/// its beginning is kept, so that a hostile message costs no memory.
struct ContentAssembler<Method> {
    /// A complete message.
    struct Content {
        let method: Method
        let properties: AMQPProperties
        let body: AMQPBody
    }

    private enum State {
        case idle
        case expectingHeader(Method)
        case expectingBody(Method, AMQPProperties, size: UInt64, received: UInt64, kept: [UInt8])
    }

    /// The bytes kept of an oversized body.
    static var oversizedPrefix: Int { 1 << 20 }

    private let maximumBytes: Int
    private var state: State = .idle

    init(maximumBytes: Int) {
        self.maximumBytes = maximumBytes
    }

    /// A method that carries content.
    mutating func begin(_ method: Method) throws(AMQPError) {
        guard case .idle = state else { throw Self.outOfOrder("a method within a message") }
        state = .expectingHeader(method)
    }

    /// The header. Complete at once when the body is empty.
    mutating func header(size: UInt64, properties: AMQPProperties) throws(AMQPError) -> Content? {
        guard case .expectingHeader(let method) = state else { throw Self.outOfOrder("a header without a method") }
        if size == 0 {
            state = .idle
            return Content(method: method, properties: properties, body: .complete([]))
        }
        state = .expectingBody(method, properties, size: size, received: 0, kept: [])
        return nil
    }

    /// A part of the body.
    mutating func body(_ part: borrowing RawSpan) throws(AMQPError) -> Content? {
        guard case .expectingBody(let method, let properties, let size, let received, var kept) = state else {
            throw Self.outOfOrder("a body without a header")
        }
        state = .idle
        let total = received + UInt64(part.byteCount)
        guard total <= size else { throw Self.outOfOrder("more body than the header announced") }
        let isOversized = size > UInt64(max(maximumBytes, 0))
        if received == 0, total == size, !isOversized {
            return Content(method: method, properties: properties, body: .complete(part.copied()))
        }
        let limit = isOversized ? min(Self.oversizedPrefix, max(maximumBytes, 0)) : Int(size)
        if received == 0 { kept.reserveCapacity(min(limit, Self.oversizedPrefix)) }
        let room = limit - kept.count
        if room > 0 { part.extracting(first: min(room, part.byteCount)).append(to: &kept) }
        guard total == size else {
            state = .expectingBody(method, properties, size: size, received: total, kept: kept)
            return nil
        }
        let body: AMQPBody = isOversized ? .oversized(prefix: kept, size: size) : .complete(kept)
        return Content(method: method, properties: properties, body: body)
    }

    private static func outOfOrder(_ what: String) -> AMQPError {
        AMQPError(.protocolViolation, "the peer sent \(what)")
    }
}
