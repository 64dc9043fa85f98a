internal import Glibc
internal import OperationProcesses
internal import Operative

/// Where the script runner of `cloudify-common` puts a script: it removes the script, and leaves the directory that it has made for it.
struct ScratchDirectory: Sendable {
    /// By this variable `cloudify-common` is told where to make directories.
    static let variable = "CFY_EXEC_TEMP"

    let path: String
    private let noted: TemporaryDirectories

    /// - Parameters:
    ///   - parent: where it is made.
    ///   - noted: where it is noted while its script runs.
    ///   - user: whom it is to belong to; nil for the agent's own user.
    init(in parent: String, noted: TemporaryDirectories = .unnoted, user: LocalUser?) throws {
        self.noted = noted
        path = try noted.make(in: parent, prefix: "script-")
        do {
            if let user, unsafe chown(path, user.id, user.group) != 0 {
                throw RecoverableError(
                    unsafe "\(path) cannot be given to the user \(user.name) (\(String(cString: strerror(errno)))).")
            }
        } catch {
            remove()
            throw error
        }
    }

    /// Removes it and the directories in it, as far as they are empty: what a script has downloaded may be of use to what it has started.
    func remove() {
        FileTree.removeEmpty(path)
        noted.forget(path)
    }
}
