/// Collects the operations of a plugin. Supports `if`, `switch` and `for`.
@resultBuilder
public enum OperationsBuilder {
    /// One operation.
    public static func buildExpression(_ operation: Operation) -> [Operation] { [operation] }
    /// Operations made elsewhere.
    public static func buildExpression(_ operations: [Operation]) -> [Operation] { operations }
    /// A list of operations.
    public static func buildBlock(_ parts: [Operation]...) -> [Operation] { parts.flatMap(\.self) }
    /// An `if` without `else`.
    public static func buildOptional(_ part: [Operation]?) -> [Operation] { part ?? [] }
    /// The first branch.
    public static func buildEither(first part: [Operation]) -> [Operation] { part }
    /// The other branch.
    public static func buildEither(second part: [Operation]) -> [Operation] { part }
    /// A `for` loop.
    public static func buildArray(_ parts: [[Operation]]) -> [Operation] { parts.flatMap(\.self) }
    /// An `if #available`.
    public static func buildLimitedAvailability(_ part: [Operation]) -> [Operation] { part }
}
