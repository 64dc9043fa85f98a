import CtxService
import Glibc
import OperationProcesses

/// A directory of its own for one script's file. It is deleted with everything in it.
struct ScriptDirectory: Sendable {
    /// Its absolute path.
    let path: String
    /// Whom the script runs as; nil for the agent's own user.
    private let account: Account?
    private let noted: TemporaryDirectories

    /// Makes one with a name of five letters and digits. Nobody else can look into it.
    ///
    /// - Parameters:
    ///   - parent: where; must exist.
    ///   - user: the name of the user that the script runs as; nil for the agent's own.
    ///   - noted: where it is noted as long as it is there.
    /// - Throws: `CtxServiceError` when there is no such user; `RecoverableError` when it cannot be made or noted.
    init(in parent: String, for user: String?, notedIn noted: TemporaryDirectories = .unnoted) throws {
        account = try Account.other(user)
        self.noted = noted
        path = try noted.make(in: parent, letters: 5)
    }

    /// Whether another user than the agent's runs the script.
    var isOfAnother: Bool { account != nil }

    /// Gives the directory to the user that runs the script, and a file in it.
    ///
    /// From then on the agent must not touch by path what is in it: there could be a link in its place.
    ///
    /// - Parameter file: its path; nil for the directory alone.
    /// - Throws: ``ScriptFileError``.
    func handOver(_ file: String? = nil) throws(ScriptFileError) {
        guard let account else { return }
        for path in [file, path].compactMap(\.self) where lchown(path, account.user, account.group) != 0 {
            throw ScriptFileError("cannot give \(path) to the user that runs the script", errno)
        }
    }

    /// Deletes the directory. What cannot be deleted stays, and is tried again by the agent's next start.
    func remove() {
        noted.remove(path)
    }

    /// Where executable files may be: `$CFY_EXEC_TEMP` if that is there, else the directory for temporary files.
    static func parent(environment: [String: String]) -> String {
        if let path = environment["CFY_EXEC_TEMP"], let absolute = absolutePath(path), isDirectory(absolute) {
            return absolute
        }
        let named = ["TMPDIR", "TEMP", "TMP"].compactMap { environment[$0].flatMap(absolutePath) }
        return (named + ["/tmp", "/var/tmp", "/usr/tmp"]).first { isDirectory($0) && access($0, W_OK | X_OK) == 0 }
            ?? "/tmp"
    }

    private static func absolutePath(_ path: String) -> String? {
        guard !path.isEmpty, let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func isDirectory(_ path: String) -> Bool {
        var information = stat()
        return stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
    }
}
