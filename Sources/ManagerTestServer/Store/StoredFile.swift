/// A file of the test manager's file server.
public struct StoredFile: Sendable, Hashable {
    /// What is in it.
    public enum Content: Sendable, Hashable {
        /// These bytes.
        case bytes([UInt8])
        /// So many zeros, made while they are sent.
        case zeros(Int)
    }

    /// What is in it.
    public var content: Content
    /// Its time, as the index says it.
    public var modified: String

    /// A file.
    public init(_ content: Content, modified: String = "2026-11-21T00:00:00+00:00") {
        self.content = content
        self.modified = modified
    }

    /// A file with text.
    public init(_ text: String, modified: String = "2026-11-21T00:00:00+00:00") {
        self.init(.bytes(Array(text.utf8)), modified: modified)
    }

    var bytes: [UInt8] {
        switch content {
        case .bytes(let bytes): bytes
        case .zeros(let count): [UInt8](repeating: 0, count: count)
        }
    }
}
