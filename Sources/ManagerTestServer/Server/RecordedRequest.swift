public import Operative

/// A request as it arrived.
public struct RecordedRequest: Sendable, Hashable {
    /// Such as `GET`.
    public let method: String
    /// The path as it was written, without the query.
    public let path: String
    /// The query as it was written; empty when there is none.
    public let query: String
    /// The headers, in order, with their names in lower case.
    public let headers: [Header]
    /// The body.
    public let body: [UInt8]
    /// The connection it came on, counted from 0.
    public let connection: Int

    /// A header.
    public struct Header: Sendable, Hashable {
        /// Its name, in lower case.
        public let name: String
        /// Its value.
        public let value: String
    }

    /// The value of a header; `nil` when it is absent.
    public func header(_ name: String) -> String? {
        headers.first { $0.name == name.lowercased() }?.value
    }

    /// The body as JSON; `nil` when it is none.
    public var json: PropertyValue? { try? PropertyValue(json: body) }

    /// The query's parameters.
    public var parameters: [String: String] {
        var parameters: [String: String] = [:]
        for item in query.split(separator: "&") {
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            parameters[PercentText.decoded(parts[0], plus: true)] =
                parts.count > 1 ? PercentText.decoded(parts[1], plus: true) : ""
        }
        return parameters
    }

    /// The path's parts, without escapes.
    public var segments: [String] { path.split(separator: "/").map { PercentText.decoded($0, plus: false) } }
}
