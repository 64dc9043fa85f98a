internal import AgentConfiguration
internal import ArgumentParser
internal import Journal

/// Opens the journal for a command.
enum JournalAccess {
    static func read<Result>(
        _ options: ConfigurationOptions, _ body: (inout JournalBrowser) throws -> Result
    ) throws -> Result {
        let directory = try options.load().stateDirectory
        do {
            var browser = try JournalBrowser(directory: directory)
            return try body(&browser)
        } catch let error as JournalError where error.code == .missing {
            throw CommandFailure(message: error.message, status: ExitStatus.noInput)
        } catch let error as JournalError where error.code == .noPermission {
            throw CommandFailure(
                message: "\(error.message): run this as the agent's user or as root", status: ExitStatus.noPermission)
        } catch let error as JournalError {
            throw CommandFailure(message: error.message, status: ExitStatus.cannotCreate)
        } catch let error as SQLiteError {
            throw CommandFailure(
                message: "the journal in \(directory) cannot be read: \(error)", status: ExitStatus.cannotCreate)
        }
    }
}

/// Which rows of the journal a command is about.
struct JournalFilterOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Only tasks in this state: waiting, started, finished or settled.", valueName: "state"))
    var state: String?

    @Option(help: ArgumentHelp("Only tasks of this execution.", valueName: "id"))
    var execution: String?

    @Flag(help: "Only attempts that wait in the broker for their retry.")
    var parked = false

    func validate() throws {
        if let state, filterState == nil {
            throw ValidationError(
                "--state: '\(state)' is none of \(JournalState.allCases.map { "\($0)" }.joined(separator: ", ")).")
        }
    }

    /// Whether anything is left out.
    var isSet: Bool { state != nil || execution != nil || parked }

    var filter: JournalBrowser.Filter {
        JournalBrowser.Filter(state: filterState, executionID: execution, isParked: parked)
    }

    private var filterState: JournalState? { JournalState.allCases.first { "\($0)" == state } }
}
