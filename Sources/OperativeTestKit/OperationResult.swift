public import Operative

/// What came of running an operation in a test.
public struct OperationResult: Sendable, Hashable {
    /// How the attempt ended.
    public let outcome: TestOutcome

    /// The result of an operation that succeeded; ``Operative/PropertyValue/null`` when it has none, `nil` when it did not succeed.
    public var value: PropertyValue? {
        guard case .succeeded(let value) = outcome else { return nil }
        return value
    }

    /// The requested retry; `nil` when none was requested.
    public var retry: RetryRequest? {
        guard case .retry(let request) = outcome else { return nil }
        return request
    }

    /// The failure; `nil` when the operation did not fail.
    public var failure: TestFailure? {
        guard case .failed(let failure) = outcome else { return nil }
        return failure
    }

    init(_ outcome: OperationOutcome) { self.outcome = TestOutcome(outcome) }
}
