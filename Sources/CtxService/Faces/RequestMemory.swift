internal import Synchronization

/// How much of the agent's memory requests may take together until they are answered, and answers until they are taken.
///
/// What is small always finds room: what clients can have open bounds them already, and an operation that fills the room must not
/// keep others from writing into the log.
final class RequestMemory: Sendable {
    /// For the requests of all operations of this process.
    static let ofAgent = RequestMemory(limit: 256 << 20, of: "all operations")

    /// What has up to so many bytes is not counted.
    static let small = 64 << 10

    /// In bytes.
    let limit: Int
    /// Whose requests are counted, for errors.
    private let name: String
    /// What is counted here is counted there, too.
    private let whole: RequestMemory?
    private let taken = Mutex(0)

    init(limit: Int, of name: String, within whole: RequestMemory? = nil) {
        self.limit = limit
        self.name = name
        self.whole = whole
    }

    /// How much is taken at the moment, in bytes.
    var size: Int { taken.withLock { $0 } }

    /// Takes so many bytes.
    ///
    /// - Returns: what there is too little room in; nil when the bytes are taken.
    func take(_ bytes: Int) -> RequestMemory? {
        let fits = taken.withLock { taken in
            guard bytes <= limit - taken else { return false }
            taken += bytes
            return true
        }
        guard fits else { return self }
        guard let full = whole?.take(bytes) else { return nil }
        taken.withLock { $0 -= bytes }
        return full
    }

    func giveBack(_ bytes: Int) {
        taken.withLock { $0 -= bytes }
        whole?.giveBack(bytes)
    }

    /// The error when there is no room for something.
    ///
    /// - Parameters:
    ///   - what: such as a request.
    ///   - size: how much it takes, in bytes.
    func refusal(of what: String, _ size: Int) -> String {
        let remedy = size > limit ? "it is too large" : "try again when others have been answered"
        return
            "\(what) takes \(size) bytes of the agent's memory, and what is asked for \(name) at one time may take \(limit): \(remedy)"
    }
}
