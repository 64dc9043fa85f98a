internal import AgentSabotage
internal import Glibc
package import Operative

/// Which temporary directories an agent has made and not removed yet, noted in a directory of its own: what a killed agent has left is
/// removed by its next start. The input of an operation, which has a token, is in such a directory.
///
/// A note is a symbolic link that leads nowhere; its text is the directory's inode and path, and needs no space on most disks. Notes are
/// not synced, which would cost every operation a write to the disk: a loss of power may take them, and leave directories where
/// these are not on a file system that begins empty, as `/tmp` does where systemd clears it.
package struct TemporaryDirectories: Sendable, Hashable {
    private let notes: String

    /// - Parameter notes: where the notes are; no other agent may use it at the same time. It is made when it is needed.
    package init(notes: String) { self.notes = notes }

    /// Removes all directories that are noted. To be called before any new one is made.
    ///
    /// What somebody else has put in the place of a noted directory since is left alone.
    ///
    /// - Returns: those that cannot be removed; their notes stay.
    package func sweep() -> [String] {
        var stuck: [String] = []
        for name in FileTree.names(in: notes).sorted() {
            let note = "\(notes)/\(name)"
            guard let (inode, path) = Self.content(of: note), Self.inode(of: path) == inode else {
                _ = unsafe unlink(note)
                continue
            }
            if FileTree.remove(path) == 0 { _ = unsafe unlink(note) } else { stuck.append(path) }
        }
        return stuck
    }

    /// Notes a directory that was made just now.
    ///
    /// - Throws: ``RecoverableError`` when that cannot be written.
    package func add(_ path: String) throws(RecoverableError) {
        if Sabotage.isOn(.noDirectoryNotes) { return }
        let note = note(of: path)
        let content = "\(Self.inode(of: path) ?? 0) \(path)"
        if unsafe symlink(content, note) == 0 { return }
        if errno == ENOENT { _ = unsafe mkdir(notes, 0o700) }
        // One of this name was removed by somebody else.
        if errno == EEXIST { _ = unsafe unlink(note) }
        guard unsafe symlink(content, note) == 0 else {
            throw RecoverableError(
                unsafe "The directory of a task cannot be noted in \(notes) (\(String(cString: strerror(errno)))).")
        }
    }

    /// Removes a directory and forgets it. One that cannot be removed stays noted.
    package func remove(_ path: String) {
        if FileTree.remove(path) == 0 { _ = unsafe unlink(note(of: path)) }
    }

    /// Forgets a directory, which may stay.
    package func forget(_ path: String) { _ = unsafe unlink(note(of: path)) }

    private func note(of path: String) -> String {
        "\(notes)/\(path.split(separator: "/").last ?? "")"
    }

    private static func inode(of path: String) -> UInt64? {
        var status = stat()
        return unsafe lstat(path, &status) == 0 ? UInt64(status.st_ino) : nil
    }

    private static func content(of note: String) -> (inode: UInt64, path: String)? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let length = unsafe readlink(note, &buffer, buffer.count - 1)
        guard length > 0 else { return nil }
        let text = String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let parts = text.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, let inode = UInt64(parts[0]), parts[1].hasPrefix("/") else { return nil }
        return (inode, String(parts[1]))
    }
}
