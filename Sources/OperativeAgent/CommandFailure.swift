internal import ArgumentParser
internal import Glibc

/// Ends a command with one line on standard error and an exit code.
struct CommandFailure: Error {
    let message: String
    let status: Int32

    /// Runs a command; what it throws of this kind is printed and becomes its exit code.
    static func reporting(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let failure as CommandFailure {
            StandardError.write("\(ProgramIdentity.current.name): \(failure.message)\n")
            throw ExitCode(failure.status)
        }
    }
}
