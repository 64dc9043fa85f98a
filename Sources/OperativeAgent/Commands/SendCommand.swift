internal import AgentConfiguration
internal import ArgumentParser

struct SendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Sends a task to an agent, shows its logs and events as they come, and prints the reply.",
        discussion: """
            Logs and events go to standard error, the operation's result to standard output. Exit code 0: succeeded; \
            1: failed for good; 3: cancelled; 69: no broker, no agent or no answer in time; 75: failed in a way that \
            may pass, or asks to be sent again.

            Example: send webserver.start --name demo --node web -p port=8080
            """)

    @Argument(
        help: ArgumentHelp("The task name: an operation of the agent, such as webserver.start.", valueName: "task"))
    var task: String

    @OptionGroup var options: ConfigurationOptions
    @OptionGroup var taskOptions: TaskOptions

    @Option(help: ArgumentHelp("How long to wait for the reply, in seconds. Default: for ever.", valueName: "seconds"))
    var timeout: Double?

    @Flag(help: "Do not wait for the reply.")
    var noWait = false

    @Flag(help: "Print the reply as it came (JSON).")
    var json = false

    @Flag(help: "Show debug records too.")
    var verbose = false

    func validate() throws {
        if let timeout, !(timeout > 0 && timeout < 1e9) {
            throw ValidationError("--timeout: expected a number of seconds above 0.")
        }
        _ = try taskOptions.draft(taskName: task)
    }

    func run() async throws {
        try await CommandFailure.reporting {
            let manager = ManagerConnection(configuration: try options.load(), role: "send")
            let draft = try taskOptions.draft(taskName: task)
            let printer = TelemetryPrinter(executionID: draft.execution, showsDebug: verbose)
            let exchange = TaskExchange(manager: manager, draft: draft, printer: printer)
            guard !noWait else {
                return try await manager.run { try await exchange.send(over: $0) }
            }
            let reply = try await manager.run { connection in
                try await exchange.sendAndWait(over: connection, within: timeout.map { .seconds($0) })
            }
            StandardOutput.write(json ? reply.raw + "\n" : reply.text)
            if let complaint = reply.complaint, !json { StandardError.write(complaint + "\n") }
            guard reply.status == 0 else { throw ExitCode(reply.status) }
        }
    }
}
