internal import Glibc
internal import Operative

/// Files of this machine that a script names to ctx, or is given by it.
///
/// The agent reads and writes them. Where the script runs as another user, ctx must not do for it what it could not do itself.
struct ScriptFiles: Sendable {
    /// Where the script's relative paths start; nil when its client does not say.
    let directory: String?
    /// Whom the script runs as; nil when that is the agent's own user.
    let account: Account?

    /// The file to write; nil when the script leaves that to the agent.
    func target(_ path: String?) throws(CtxFault) -> String? {
        guard let path, !path.isEmpty else { return nil }
        try refuseForOthers(path, "written", "leave the target out and move the file")
        return absolute(path)
    }

    /// A file to read.
    func source(_ path: String) throws(CtxFault) -> String {
        try refuseForOthers(path, "read", "an operation that runs as the agent's user can")
        return absolute(path)
    }

    /// What has been written, to be used by the script.
    ///
    /// - Parameter isTemporary: whether the agent has made it in a new directory of its own.
    func handedOver(_ path: String, isTemporary: Bool) throws(CtxFault) -> String {
        guard let account, isTemporary else { return path }
        let parent = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        var isDirectory = false
        try give(path, to: account, isDirectory: &isDirectory)
        // A file comes in a directory made for it; nobody but the agent can have put anything there before this.
        if !isDirectory { try change(parent, to: account) }
        return path
    }

    private func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let directory, directory.hasPrefix("/") else { return path }
        return "\(directory)/\(path)"
    }

    private func refuseForOthers(_ path: String, _ done: String, _ remedy: String) throws(CtxFault) {
        guard account != nil else { return }
        throw .nonRecoverable(
            "'\(path)' cannot be \(done) through ctx, because this operation's processes run as another user than the agent: \(remedy)"
        )
    }

    private func give(_ path: String, to account: Account, isDirectory: inout Bool) throws(CtxFault) {
        // A link that was unpacked leads to something that is not the operation's.
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        if descriptor >= 0 {
            guard let stream = unsafe fdopendir(descriptor) else {
                close(descriptor)
                throw .nonRecoverable("'\(path)' cannot be given to the operation's user: it cannot be read")
            }
            isDirectory = true
            defer { unsafe closedir(stream) }
            while let entry = unsafe readdir(stream) {
                let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                    unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
                guard name != ".", name != ".." else { continue }
                var ignored = false
                try give("\(path)/\(name)", to: account, isDirectory: &ignored)
            }
        }
        try change(path, to: account)
    }

    private func change(_ path: String, to account: Account) throws(CtxFault) {
        guard unsafe lchown(path, account.user, account.group) == 0 else {
            throw .nonRecoverable(
                unsafe "'\(path)' cannot be given to the operation's user: \(String(cString: strerror(errno)))")
        }
    }
}
