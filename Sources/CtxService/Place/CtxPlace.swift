internal import Glibc
internal import OperationProcesses
internal import Operative

/// A directory of one operation: its socket, and the programs for its scripts. Nobody else may enter it.
struct CtxPlace: Sendable {
    let directory: String
    /// Where the directory is noted while it is there.
    private let noted: TemporaryDirectories
    var socket: String { "\(directory)/socket" }
    var programs: String { "\(directory)/bin" }
    /// What proves that a request comes from the operation.
    let token: String
    /// The path of the HTTP face.
    let secretPath: String

    /// Makes the directory, under a name that nobody can guess. Only the agent's user may enter it until ``handOver(to:)``.
    static func make(_ settings: CtxSettings) throws(CtxServiceError) -> CtxPlace {
        // Whoever may enter the parent is the caller's business; what others can make there beforehand, mkdir refuses.
        if unsafe mkdir(settings.directory, 0o700) != 0, errno != EEXIST { throw failure(settings.directory) }
        let place = CtxPlace(
            directory: try makeDirectory(settings),
            noted: settings.temporaryDirectories, token: Secret.make(bytes: 32),
            secretPath: "/" + Secret.make(bytes: 16))
        do throws(CtxServiceError) {
            try place.makeDirectory(place.programs)
            try place.link("ctx", to: settings.executable)
            try place.write(Self.shellFunctions, to: "\(place.programs)/ctx-sh")
        } catch {
            place.remove()
            throw error
        }
        return place
    }

    /// Deletes it, with what the script has put there.
    func remove() {
        noted.remove(directory)
    }

    /// Lets nobody but its owner connect to the socket.
    func closeSocketToOthers() throws(CtxServiceError) {
        guard unsafe chmod(socket, 0o600) == 0 else { throw Self.failure(socket) }
    }

    /// Gives everything to those who may connect, when that is another user than the agent's.
    ///
    /// From then on the agent must not touch by path what is in it: there could be a link in its place. So the directory is given last.
    func handOver(to account: Account?) throws(CtxServiceError) {
        guard let account else { return }
        let socket = unsafe access(socket, F_OK) == 0 ? [socket] : []
        for path in socket + ["\(programs)/ctx", "\(programs)/ctx-sh", programs, directory] {
            try change(path, account)
        }
    }

    private static func makeDirectory(_ settings: CtxSettings) throws(CtxServiceError) -> String {
        do {
            return try settings.temporaryDirectories.make(in: parent(settings.directory), prefix: "ctx-", letters: 24)
        } catch {
            throw CtxServiceError("ctx cannot be served to scripts: \(error)")
        }
    }

    private func change(_ path: String, _ account: Account) throws(CtxServiceError) {
        guard unsafe lchown(path, account.user, account.group) == 0 else { throw Self.failure(path) }
    }

    private func makeDirectory(_ path: String) throws(CtxServiceError) {
        guard unsafe mkdir(path, 0o700) == 0 else { throw Self.failure(path) }
    }

    private func link(_ name: String, to target: String) throws(CtxServiceError) {
        guard unsafe symlink(target, "\(programs)/\(name)") == 0 else { throw Self.failure("\(programs)/\(name)") }
    }

    private func write(_ text: String, to path: String) throws(CtxServiceError) {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o755)
        guard descriptor >= 0 else { throw Self.failure(path) }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard unsafe Glibc.write(descriptor, bytes, bytes.count) == bytes.count else { throw Self.failure(path) }
    }

    private static func failure(_ path: String) -> CtxServiceError {
        unsafe CtxServiceError("ctx cannot be served to scripts: \(path): \(String(cString: strerror(errno)))")
    }

    /// The address of a socket has room for 107 bytes. What is too deep for that goes where temporary files go.
    private static func parent(_ directory: String) -> String {
        let longestName = "/ctx-012345678901234567890123/socket".utf8.count
        return directory.utf8.count + longestName <= 107 ? directory : "/tmp"
    }

    /// For shell scripts that begin with `. ctx-sh`: a call that fails ends the script.
    private static let shellFunctions = """
        # After ". ctx-sh" a call of ctx that fails ends the script with its exit status.
        ctx() {
            command ctx "$@" || exit
        }

        """
}
