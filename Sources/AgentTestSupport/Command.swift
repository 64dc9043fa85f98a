import Subprocess

/// Runs programs to their end.
public enum Command {
    /// A program that failed.
    public struct Failure: Error, CustomStringConvertible {
        /// What was run, how it ended and what it said.
        public let description: String
    }

    /// The folder that holds `Package.swift`.
    public static var repositoryRoot: String {
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
    }

    /// Runs a program.
    ///
    /// - Parameters:
    ///   - program: A path, or a name to look for in `PATH`.
    ///   - arguments: Its arguments.
    /// - Returns: What it wrote to standard output.
    @discardableResult
    public static func run(_ program: String, _ arguments: [String]) async throws -> String {
        // Through env: it takes paths and names alike.
        let result = try await Subprocess.run(
            .name("env"), arguments: Arguments([program] + arguments), output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20))
        let output = result.standardOutput
        guard result.terminationStatus.isSuccess else {
            let said = result.standardError + output
            throw Failure(
                description: "\(program) \(arguments.joined(separator: " ")): \(result.terminationStatus): \(said)")
        }
        return output
    }
}
