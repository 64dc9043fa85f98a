import OperationProcesses
import Operative

/// A script ended with a status other than 0 and had not said why. The type is called as its original is: its name is on the wire.
struct ProcessException: Recoverable, CustomStringConvertible {
    let description: String

    /// - Parameters:
    ///   - command: the line that was run.
    ///   - exitCode: the status, or the number of the signal that ended it, negative.
    ///   - output: what it has written to standard output; nil and nothing are left out.
    ///   - errors: likewise to standard error.
    ///   - limits: those that it has run into, which the original does not have.
    init(command: String, exitCode: Int32, output: String?, errors: String?, limits: ReachedLimits) {
        var text = "command: \(command), exit_code: \(exitCode)"
        if let output, !output.isEmpty { text += ", stdout: \(output)" }
        if let errors, !errors.isEmpty { text += ", stderr: \(errors)" }
        description = limits.completing(text)
    }
}
