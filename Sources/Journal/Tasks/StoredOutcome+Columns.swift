internal import AgentRuntime

/// How an outcome lies in the columns `outcome_kind`, `outcome` and `delay`.
extension StoredOutcome {
    static let replyKind: Int64 = 1
    static let retryKind: Int64 = 2
    static let silenceKind: Int64 = 3

    /// Binds the three columns in this order.
    func bind(to statement: SQLiteStatement, from index: Int32) {
        switch self {
        case .reply(let body):
            statement.bind(Self.replyKind, at: index)
            statement.bind(body, at: index + 1)
            statement.bindNull(at: index + 2)
        case .retry(let body, let delay):
            statement.bind(Self.retryKind, at: index)
            statement.bind(body, at: index + 1)
            statement.bind(delay.wholeMilliseconds, at: index + 2)
        case .silence:
            statement.bind(Self.silenceKind, at: index)
            statement.bindNull(at: index + 1)
            statement.bindNull(at: index + 2)
        }
    }

    /// - Returns: nil when there is no outcome.
    init?(kind: Int64, bytes: [UInt8], delay: Int64) {
        switch kind {
        case Self.replyKind: self = .reply(bytes)
        case Self.retryKind: self = .retry(body: bytes, delay: .milliseconds(delay))
        case Self.silenceKind: self = .silence
        default: return nil
        }
    }
}

extension Duration {
    /// Rounded up, so that nothing stored this way is early.
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        return overflow ? .max / 2 : product + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}

extension SQLiteValue {
    /// A text, or NULL.
    static func optional(_ text: String?) -> SQLiteValue { text.map(SQLiteValue.text) ?? .null }
}
