internal import ArgumentParser
internal import Operative

struct JournalRetryReplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry-reply",
        abstract: "Has the running agent send the stored answer of a task again.",
        discussion: """
            For answers that never arrived. One that was kept as undeliverable is forgotten once it is delivered. The operation does not run again. Exit code 66 when the journal holds no \
            answer of this task, 69 when no agent runs or the broker has no queue for it.
            """)

    @Argument(
        help: ArgumentHelp("A key that list shows, with or without --undeliverable, or a task id.", valueName: "key"))
    var key: String

    @OptionGroup var admin: AdminOptions

    @Option(
        help: ArgumentHelp(
            "Where to send it. Default: where its sender wanted it. The queue must be bound to the agent's exchange.",
            valueName: "queue"))
    var replyTo: String?

    @Option(help: ArgumentHelp("Its correlation id. Default: the stored one, else the task id.", valueName: "id"))
    var correlationID: String?

    func run() async throws {
        try await CommandFailure.reporting {
            var arguments: [String: PropertyValue] = ["key": .string(key)]
            if let replyTo { arguments["reply_to"] = .string(replyTo) }
            if let correlationID { arguments["correlation_id"] = .string(correlationID) }
            let result = try admin.ask("retry_reply", arguments)
            StandardOutput.write("the answer was sent to \(StatusText.text(result["reply_to"]))\n")
        }
    }
}
