internal import ArgumentParser
internal import Operative

struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Cancels everything of an execution that is in the agent's hands.",
        discussion: """
            What runs is told to end, what waits for a slot is taken out of the line, and what waits in the broker for \
            a retry ends silently when it comes back. What is sent afterwards is not touched.
            """)

    @Argument(help: ArgumentHelp("The execution, as operations shows it.", valueName: "execution-id"))
    var execution: String

    @OptionGroup var admin: AdminOptions

    func run() async throws {
        try await CommandFailure.reporting {
            let result = try admin.ask("cancel", ["execution_id": .string(execution)])
            let count = result["tasks"]?.intValue ?? 0
            StandardOutput.write(
                "\(execution) is cancelled: \(count) running or waiting \(count == 1 ? "task" : "tasks") reached\n")
            if let reason = result["unwritten"]?.stringValue {
                throw CommandFailure(
                    message: """
                        \(execution) is cancelled, but the agent cannot write that down (\(reason)): it holds as long \
                        as this process lives, and for good once the disk can be written
                        """, status: ExitStatus.temporaryFailure)
            }
        }
    }
}
