import Glibc
import OperationProcesses
import Operative

/// A directory of its own for one script's file. It is deleted with everything in it.
struct ScriptDirectory: Sendable {
    /// Its absolute path.
    let path: String
    private let noted: TemporaryDirectories?

    /// Makes one with a name of five letters and digits.
    ///
    /// - Parameters:
    ///   - parent: where; must exist.
    ///   - isShared: whether another user than the agent's runs the script; nobody else can read it otherwise.
    ///   - noted: where it is noted as long as it is there; nil for nowhere.
    /// - Throws: ``ScriptFileError``.
    init(in parent: String, isShared: Bool = false, noted: TemporaryDirectories? = nil) throws(ScriptFileError) {
        self.noted = noted
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
        for _ in 0..<100 {
            let path = "\(parent)/\(String((0..<5).compactMap { _ in alphabet.randomElement() }))"
            if mkdir(path, 0o700) == 0 {
                self.path = path
                try prepare(isShared: isShared)
                return
            }
            guard errno == EEXIST else {
                throw ScriptFileError("cannot make a directory for the script in \(parent)", errno)
            }
        }
        throw ScriptFileError("cannot make a directory for the script in \(parent): every name is taken")
    }

    private func prepare(isShared: Bool) throws(ScriptFileError) {
        do throws(RecoverableError) {
            // Before there is anything in it that must not stay.
            try noted?.add(path)
        } catch {
            remove()
            throw ScriptFileError(error.message)
        }
        // In a second step, which the agent's umask has no part in.
        guard !isShared || chmod(path, 0o755) == 0 else {
            let reason = errno
            remove()
            throw ScriptFileError("cannot open the directory of the script to its user: \(path)", reason)
        }
    }

    /// Deletes the directory. What cannot be deleted stays, and is tried again by the agent's next start.
    func remove() {
        if let noted { noted.remove(path) } else { FileTree.remove(path) }
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
