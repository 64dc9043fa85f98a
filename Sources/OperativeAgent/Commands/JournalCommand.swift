internal import ArgumentParser

/// What the agent remembers of tasks.
struct JournalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "journal",
        abstract: "Shows what the agent on this machine remembers of tasks, and sends a stored answer again.",
        discussion: """
            Reads the journal in the state directory, also while the agent is down; only retry-reply needs the \
            agent. Secrets are left out. KEY is a number that list shows, or a task id.
            """,
        subcommands: [
            JournalListCommand.self, JournalShowCommand.self, JournalRetryReplyCommand.self, JournalExportCommand.self,
        ])
}
