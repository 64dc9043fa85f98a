import OperationProcesses
import Operative
import Synchronization

/// Copies a file of this machine for a script that another user than the agent's runs.
///
/// That user copies it: the agent may read what the user may not, and must not hand it on.
enum ForeignFile {
    private static let program = """
        [ ! -e "$1" ] || [ -f "$1" ] || { echo "it is not a file"; exit 1; }
        cp -- "$1" "$2" && chmod 700 "$2"
        """

    /// - Parameter target: in a directory of the user.
    /// - Throws: ``ScriptFileError`` with what the user's `cp` has said.
    static func copy(
        _ source: String, to target: String, _ settings: ScriptSettings, _ processes: ProcessRunner,
        _ context: OperationContext
    ) async throws {
        let request = ProcessRequest(
            command: ["/bin/sh", "-c", program, "sh", source, target], environment: ["PATH": "/usr/bin:/bin"],
            owner: context.owner, limits: settings.limits, user: settings.user, mergesErrorOutput: true)
        let said = Mutex("")
        let end = try await processes.run(request) { _ in
        } onLine: { _, line in
            said.withLock { if $0.utf8.count < 1024 { $0 += ($0.isEmpty ? "" : " ") + line } }
        }
        guard end == .exited(0) else {
            try Task.checkCancellation()
            throw ScriptFileError("cannot read \(source): \(said.withLock { $0.isEmpty ? "\(end)" : $0 })")
        }
    }
}
