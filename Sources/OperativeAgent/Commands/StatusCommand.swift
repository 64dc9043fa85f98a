internal import ArgumentParser
internal import Glibc
internal import Operative

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows how the agent on this machine is doing, also while its broker is away.",
        discussion: """
            Asks the agent that uses the state directory; run it as the agent's user or as root. Exit code 0 when an \
            agent answered, whatever its state; 69 when none runs, 77 without permission. docs/status.md explains \
            every field.
            """)

    @OptionGroup var admin: AdminOptions

    @Flag(help: "Print JSON: one object on one line.")
    var json = false

    @Flag(help: "Show it again and again until interrupted.")
    var watch = false

    @Option(help: ArgumentHelp("With --watch: the pause in between, in seconds.", valueName: "seconds"))
    var interval = 2.0

    func validate() throws {
        guard interval >= 0.1, interval <= 86_400 else {
            throw ValidationError("--interval: expected a number of seconds from 0.1 to 86400.")
        }
    }

    func run() async throws {
        try await CommandFailure.reporting {
            guard watch else { return try show() }
            let clears = !json && isatty(STDOUT_FILENO) == 1
            while true {
                if clears { StandardOutput.write("\u{1B}[H\u{1B}[2J") }
                do {
                    try show()
                } catch let failure as CommandFailure where failure.status == ExitStatus.unavailable {
                    // It may be about to be started again.
                    StandardError.write("\(failure.message)\n")
                }
                try await Task.sleep(for: .seconds(interval))
            }
        }
    }

    private func show() throws {
        let status = try admin.ask("status")
        StandardOutput.write(json ? status.jsonString + "\n" : StatusText.summary(status))
    }
}
