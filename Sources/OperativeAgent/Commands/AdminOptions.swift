internal import AdminSocket
internal import AgentConfiguration
internal import ArgumentParser
internal import Operative

/// How the commands for an agent on this machine find it: by its state directory.
struct AdminOptions: ParsableArguments {
    @OptionGroup var options: ConfigurationOptions

    /// Asks the agent.
    ///
    /// - Throws: `CommandFailure` with the exit code that fits.
    func ask(_ command: String, _ arguments: [String: PropertyValue] = [:]) throws -> PropertyValue {
        let client = AdminClient(directory: try options.load().stateDirectory)
        do throws(AdminError) {
            return try client.ask(AdminRequest(command, arguments))
        } catch {
            throw CommandFailure(message: error.message, status: error.exitStatus)
        }
    }
}

extension AdminError {
    fileprivate var exitStatus: Int32 {
        switch code {
        case .noAgent: ExitStatus.unavailable
        case .notPermitted: ExitStatus.noPermission
        case .notFound: ExitStatus.noInput
        case .busy, .unavailable: ExitStatus.temporaryFailure
        case .badRequest: ExitStatus.usage
        case .version, .unknownCommand, .broken: ExitStatus.unavailable
        }
    }
}
