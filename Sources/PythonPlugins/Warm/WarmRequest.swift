import Operative

/// What the agent says to a resident parent; a line of JSON each.
enum WarmRequest: Sendable, Hashable {
    /// Fork a child for this operation and let it wait.
    case run(number: Int, WarmOperation)
    /// The child may begin.
    case go(Int)
    /// The child is not wanted any more and ends without having touched anything.
    case drop(Int)
    /// Answer, to show that you are there.
    case ping(Int)

    /// The request with its line feed.
    var line: [UInt8] { PropertyValue.object(fields).json + [UInt8(ascii: "\n")] }

    private var fields: [String: PropertyValue] {
        switch self {
        case .run(let number, let operation):
            [
                "run": .integer(number), "directory": .string(operation.directory), "module": .string(operation.module),
                "log": operation.logFile.map { .string($0) } ?? .null,
                "scratch": operation.scratch.map { .string($0) } ?? .null,
            ]
        case .go(let number): ["go": .integer(number)]
        case .drop(let number): ["drop": .integer(number)]
        case .ping(let number): ["ping": .integer(number)]
        }
    }
}
