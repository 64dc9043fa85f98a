internal import ArgumentParser
internal import Operative

struct DrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain",
        abstract: "Stops the agent on this machine in order, as SIGTERM does.",
        discussion: """
            No new task is taken, what waits goes back to the broker, and running operations may go on for \
            drain_timeout. Returns at once; status shows how far it is. A service manager that restarts the agent when \
            it ends will do so: use its own stop command there.
            """)

    @OptionGroup var admin: AdminOptions

    @Flag(help: "Cancel running operations at once, as a second SIGTERM does.")
    var now = false

    func run() async throws {
        try await CommandFailure.reporting {
            let running = try admin.ask("drain", ["now": .bool(now)])["running"]?.intValue ?? 0
            StandardOutput.write("stopping; \(running) \(running == 1 ? "operation runs" : "operations run")\n")
        }
    }
}
