/// The memory that a request or an answer takes. It is given back when nobody refers to this any more: when the request is answered or
/// the answer sent, or its connection or its operation has ended before.
final class RequestRoom: Sendable {
    /// Why there is none.
    enum Refusal: Error, Hashable {
        /// Of a request that is larger than any may be.
        case tooLarge(String)
        /// There is too much else.
        case full(String)

        var message: String {
            switch self {
            case .tooLarge(let message), .full(let message): message
            }
        }
    }

    private let memory: RequestMemory
    private let size: Int

    private init(memory: RequestMemory, size: Int) {
        self.memory = memory
        self.size = size
    }

    deinit { memory.giveBack(size) }

    /// Takes room for a request.
    ///
    /// - Parameters:
    ///   - size: its bytes.
    ///   - maximum: how many it may have.
    /// - Returns: nil for a small request, which needs none.
    static func take(_ size: Int, maximum: Int, in memory: RequestMemory) throws(Refusal) -> RequestRoom? {
        guard size <= maximum else {
            throw .tooLarge("a request may have \(maximum) bytes, and this one has \(size)")
        }
        return try take(size, for: "the request", in: memory)
    }

    /// Takes room.
    ///
    /// - Parameter what: what it is for, in errors.
    /// - Returns: nil for what is small, which needs none.
    static func take(_ size: Int, for what: String, in memory: RequestMemory) throws(Refusal) -> RequestRoom? {
        guard size > RequestMemory.small else { return nil }
        if let full = memory.take(size) { throw .full(full.refusal(of: what, size)) }
        return RequestRoom(memory: memory, size: size)
    }
}
