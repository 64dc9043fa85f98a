internal import OperationProcesses

/// What became of a program.
struct CommandResult: Sendable {
    let end: ProcessEnd
    /// The end of what it wrote to standard output.
    let output: String
    /// The end of what it wrote to standard error.
    let errorOutput: String

    var isSuccess: Bool { end == .exited(0) }

    /// What it said of its failure, or how it ended when it said nothing.
    var complaint: String {
        for text in [errorOutput, output] {
            let lines = text.split(whereSeparator: \.isNewline).joined(separator: "\n")
            if !lines.isEmpty { return lines }
        }
        return switch end {
        case .exited(let status): "exit status \(status)"
        case .signalled(let signal): "ended by signal \(signal)"
        }
    }

    /// The last line of the complaint: where Python says what its error was.
    var lastComplaint: String {
        complaint.split(separator: "\n").last { !$0.allSatisfy(\.isWhitespace) }.map { String($0) } ?? complaint
    }
}
