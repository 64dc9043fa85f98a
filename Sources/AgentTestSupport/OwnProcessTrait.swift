import Foundation
import Subprocess
public import Testing

/// Runs a test in a process of its own, so that what it measures of the process is its own doing.
///
/// Not `#expect(processExitsWith:)`: whoever waits for such a process holds a thread of Swift's shared pool, of which there are as many
/// as processors.
public struct OwnProcessTrait: TestTrait, TestScoping {
    /// The test that this process is for.
    private static let variable = "OPERATIVE_TEST_OF_PROCESS"

    /// Runs the test there, and records here what it has said when it has failed.
    @concurrent
    public func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        let name = "\(test.id)".split(separator: "/").prefix(2).joined(separator: "/")
        if ProcessInfo.processInfo.environment[Self.variable] == name { return try await function() }
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        // Through env, as in Command.
        let result = try await Subprocess.run(
            .name("env"),
            arguments: [
                "\(Self.variable)=\(name)", program, "--testing-library", "swift-testing", "--filter",
                NSRegularExpression.escapedPattern(for: name),
            ], output: .string(limit: 4 << 20), error: .string(limit: 1 << 20))
        let lines = (result.standardOutput + result.standardError).split(separator: "\n")
        guard result.terminationStatus.isSuccess, lines.contains(where: { $0.contains("with 1 test") }) else {
            let said = lines.suffix(40).joined(separator: "\n")
            Issue.record("in its own process: \(result.terminationStatus)\n\(said)")
            return
        }
        // Figures that the test has printed.
        for line in lines where line.first?.isNumber == true { print(line) }
    }
}

extension Trait where Self == OwnProcessTrait {
    /// Runs the test in a process of its own. For tests without arguments.
    public static var ownProcess: Self { Self() }
}
