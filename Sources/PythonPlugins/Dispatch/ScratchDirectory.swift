internal import Glibc
internal import Operative

/// Where the script runner of `cloudify-common` puts a script: it removes the script, and leaves the directory that it has made for it.
struct ScratchDirectory: Sendable {
    /// By this variable `cloudify-common` is told where to make directories.
    static let variable = "CFY_EXEC_TEMP"

    let path: String

    /// - Parameters:
    ///   - parent: where it is made.
    ///   - user: whom it is to belong to; nil for the agent's own user.
    init(in parent: String, user: LocalUser?) throws {
        var template = Array("\(parent)/script-XXXXXX".utf8CString)
        let isMade = unsafe template.withUnsafeMutableBufferPointer { buffer in
            unsafe buffer.baseAddress.map { unsafe mkdtemp($0) != nil } ?? false
        }
        guard isMade else {
            throw RecoverableError(
                unsafe "A directory for the script cannot be made in \(parent) (\(String(cString: strerror(errno)))).")
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if let user, unsafe chown(path, user.id, user.group) != 0 {
            let reason = unsafe String(cString: strerror(errno))
            remove()
            throw RecoverableError("\(path) cannot be given to the user \(user.name) (\(reason)).")
        }
    }

    /// Removes it and the directories in it, as far as they are empty: what a script has downloaded may be of use to what it has started.
    func remove() {
        for name in PluginFiles.names(in: path) { _ = unsafe rmdir("\(path)/\(name)") }
        _ = unsafe rmdir(path)
    }
}
