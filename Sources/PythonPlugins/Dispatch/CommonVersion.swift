/// A version of cloudify-common.
package struct CommonVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// From this one on the agent, not the dispatched process, keeps the record of an operation and the deployment's files.
    package static let agentKeepsRecord = CommonVersion([6, 2, 0])

    private let numbers: [Int]

    private init(_ numbers: [Int]) { self.numbers = numbers }

    /// Reads a version such as `7.0.5` or `6.2.0.dev1`; nil when it does not begin with a number.
    package init?(_ text: String) {
        var numbers: [Int] = []
        for part in text.split(separator: ".").prefix(3) {
            guard let number = Int(part.prefix { $0.isASCII && $0.isNumber }) else { break }
            numbers.append(number)
        }
        guard !numbers.isEmpty else { return nil }
        self.init(numbers + Array(repeating: 0, count: 3 - numbers.count))
    }

    package static func < (left: CommonVersion, right: CommonVersion) -> Bool {
        left.numbers.lexicographicallyPrecedes(right.numbers)
    }

    package var description: String { numbers.map(String.init).joined(separator: ".") }
}
