internal import AgentSabotage
internal import Glibc
package import Operative

/// Makes and removes temporary directories, and notes those that are there in a directory of its own: what a killed agent has left is
/// removed by its next start. The input of an operation, which has a token, is in such a directory.
///
/// A note is a symbolic link that leads nowhere; its text is the directory's inode and path, and needs no space on most disks. It is
/// written before the directory is made, with 0 for the inode, and written anew afterwards. Notes are not synced, which would cost every
/// operation a write to the disk: a loss of power may take them, and leave directories where these are not on a file system that
/// begins empty, as `/tmp` does where systemd clears it.
package struct TemporaryDirectories: Sendable, Hashable {
    /// Those that are noted nowhere.
    package static let unnoted = TemporaryDirectories()

    private let notes: String?

    /// - Parameter notes: where the notes are; no other agent may use it at the same time. It is made when it is needed.
    package init(notes: String) { self.notes = notes }

    private init() { notes = nil }

    /// Removes all directories that are noted. To be called before any new one is made.
    ///
    /// What somebody else has put in the place of a noted directory since is left alone.
    ///
    /// - Returns: what was not removed.
    package func sweep() -> [LeftDirectory] {
        guard let notes else { return [] }
        return FileTree.names(in: notes).sorted().compactMap { name in
            let note = "\(notes)/\(name)"
            let left = Self.content(of: note).flatMap { Self.sweep($1, inode: $0) }
            if case .stuck? = left { return left }
            _ = unsafe unlink(note)
            return left
        }
    }

    /// Makes a directory with a name that nobody can guess. Nobody else can look into it.
    ///
    /// - Parameters:
    ///   - parent: where; must exist.
    ///   - prefix: what its name begins with.
    ///   - letters: how many random capital letters and digits follow.
    /// - Returns: its path.
    /// - Throws: ``RecoverableError`` when it cannot be made or noted; nothing is left then.
    package func make(
        in parent: String, prefix: String = "", letters: Int = 6
    ) throws(RecoverableError) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
        for _ in 0..<100 {
            let name = prefix + String((0..<letters).compactMap { _ in alphabet.randomElement() })
            if try make("\(parent)/\(name)") { return "\(parent)/\(name)" }
        }
        throw RecoverableError("A directory cannot be made in \(parent): every name is taken.")
    }

    /// Removes a directory and forgets it. One that cannot be removed stays noted.
    package func remove(_ path: String) {
        if FileTree.remove(path) == 0 { forget(path) }
    }

    /// Forgets a directory, which may stay.
    package func forget(_ path: String) {
        if let note = note(of: path) { _ = unsafe unlink(note) }
    }

    /// False when the name is taken.
    private func make(_ path: String) throws(RecoverableError) -> Bool {
        let note = note(of: path)
        if let note, try !add(note, Self.text(path, inode: 0)) { return false }
        if unsafe mkdir(path, 0o700) != 0 {
            let number = errno
            forget(path)
            if number == EEXIST { return false }
            throw Self.failure("The directory \(path) cannot be made", number)
        }
        guard let note else { return true }
        do throws(RecoverableError) {
            try replace(note, Self.text(path, inode: Self.inode(of: path) ?? 0))
        } catch {
            _ = unsafe rmdir(path)
            forget(path)
            throw error
        }
        return true
    }

    /// False when there is one of the name.
    private func add(_ note: String, _ text: String) throws(RecoverableError) -> Bool {
        if unsafe symlink(text, note) == 0 { return true }
        if errno == ENOENT, let notes {
            _ = unsafe mkdir(notes, 0o700)
            if unsafe symlink(text, note) == 0 { return true }
        }
        if errno == EEXIST { return false }
        throw Self.failure("A directory cannot be noted in \(notes ?? "")", errno)
    }

    /// Without a moment in which there is no note.
    private func replace(_ note: String, _ text: String) throws(RecoverableError) {
        let new = "\(note).new"
        guard unsafe symlink(text, new) == 0, unsafe rename(new, note) == 0 else {
            let number = errno
            _ = unsafe unlink(new)
            throw Self.failure("A directory cannot be noted in \(notes ?? "")", number)
        }
    }

    /// Nil when directories are not noted. Its name is a hash of the whole path (FNV-1a): a path may be longer than a name.
    private func note(of path: String) -> String? {
        guard let notes, !Sabotage.isOn(.noDirectoryNotes) else { return nil }
        let hash = path.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return "\(notes)/\(String(hash, radix: 16))"
    }

    /// Nil when nothing is there any more.
    private static func sweep(_ path: String, inode: UInt64) -> LeftDirectory? {
        guard let found = Self.inode(of: path) else {
            return errno == ENOENT || errno == ENOTDIR ? nil : stuck(path, errno)
        }
        if inode == 0 {
            // It was about to be made: nothing was in it, or it is somebody else's.
            if unsafe rmdir(path) == 0 { return nil }
            return errno == ENOTEMPTY || errno == ENOTDIR ? .replaced(path: path) : stuck(path, errno)
        }
        guard found == inode else { return .replaced(path: path) }
        let number = FileTree.remove(path)
        return number == 0 ? nil : stuck(path, number)
    }

    private static func stuck(_ path: String, _ number: Int32) -> LeftDirectory {
        unsafe .stuck(path: path, reason: String(cString: strerror(number)))
    }

    private static func inode(of path: String) -> UInt64? {
        var status = stat()
        return unsafe lstat(path, &status) == 0 ? UInt64(status.st_ino) : nil
    }

    private static func text(_ path: String, inode: UInt64) -> String { "\(inode) \(path)" }

    private static func content(of note: String) -> (inode: UInt64, path: String)? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let length = unsafe readlink(note, &buffer, buffer.count - 1)
        guard length > 0 else { return nil }
        let text = String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let parts = text.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, let inode = UInt64(parts[0]), parts[1].hasPrefix("/") else { return nil }
        return (inode, String(parts[1]))
    }

    private static func failure(_ what: String, _ number: Int32) -> RecoverableError {
        RecoverableError(unsafe "\(what) (\(String(cString: strerror(number)))).")
    }
}
