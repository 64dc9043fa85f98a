/// Where the body of a successful answer goes.
enum ResponseSink: Sendable {
    /// Into memory, up to so many bytes.
    case memory(limit: Int)
    /// Into a file, up to so many bytes.
    case file(PartialFile, limit: Int)

    var limit: Int {
        switch self {
        case .memory(let limit), .file(_, let limit): limit
        }
    }
}
