internal import ArgumentParser
internal import CAgentShims
internal import Glibc
public import Operative

/// An agent program: a list of plugins in, the whole command line out.
///
/// ```swift
/// import Operative
/// import OperativeAgent
///
/// @main
/// struct MyAgent: AgentProgram {
///     static let plugins: [any Plugin] = [GreeterPlugin()]
/// }
/// ```
///
/// The program then understands `run`, `worker`, `status`, `operations`, `cancel`, `drain`, `journal`, `send`, `ping`, `plugins`, `validate` and `version`; see `--help`.
public protocol AgentProgram {
    /// The plugins whose operations the agent runs. Two operations of the same name are refused when the program starts.
    static var plugins: [any Plugin] { get }

    /// The name of the program as its help shows it. Default: the name of the executable file.
    static var programName: String { get }

    /// The version that `version` prints beside Operative's own. Default: nil.
    static var programVersion: String? { get }
}

extension AgentProgram {
    /// The name of the executable file.
    public static var programName: String {
        CommandLine.arguments.first.flatMap { $0.split(separator: "/").last }.map(String.init) ?? "operative"
    }

    /// None.
    public static var programVersion: String? { nil }

    /// Runs the command line and ends the process with its exit code.
    @concurrent public static func main() async { await main(arguments: nil) }

    /// As ``main()``, with the given arguments (without the program's name) instead of the process's own.
    public static func main(arguments: [String]?) async {
        // A peer that closes a socket or a pipe is an error to handle, not a reason to die.
        _ = signal(SIGPIPE, SIG_IGN)
        // The same for a file that has reached the limit of the service (LimitFSIZE): a write that fails, as on a full disk.
        _ = signal(SIGXFSZ, SIG_IGN)
        // Its environment and its memory hold secrets, which processes of operations that run as its user could read otherwise.
        _ = agent_open_memory(0)
        let identity = ProgramIdentity(name: programName, version: programVersion, plugins: plugins)
        await ProgramIdentity.$current.withValue(identity) {
            await AgentCommand.main(arguments)
        }
    }
}
