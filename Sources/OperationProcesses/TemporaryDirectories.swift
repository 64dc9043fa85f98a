internal import AgentSabotage
internal import Glibc
internal import Operative

/// Which temporary directories an agent has made and not removed yet, noted in a directory of its own: what a killed agent has left is
/// removed by its next start. The input of an operation, which has a token, is in such a directory.
///
/// A note is a symbolic link to the temporary directory, which needs no space on most disks. Nobody goes through it.
package struct TemporaryDirectories: Sendable {
    private let notes: String

    /// - Parameter notes: where the notes are; no other agent may use it at the same time. It is made when it is needed.
    package init(notes: String) { self.notes = notes }

    /// Removes all directories that are noted. To be called before any new one is made.
    ///
    /// - Returns: those that cannot be removed; their notes stay.
    package func sweep() -> [String] {
        var stuck: [String] = []
        for name in FileTree.names(in: notes).sorted() {
            let note = "\(notes)/\(name)"
            guard let path = Self.target(of: note) else {
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
    package func add(_ path: String) throws {
        if Sabotage.isOn(.noDirectoryNotes) { return }
        let note = note(of: path)
        if unsafe symlink(path, note) == 0 { return }
        if errno == ENOENT { _ = unsafe mkdir(notes, 0o700) }
        // One of this name was removed by somebody else.
        if errno == EEXIST { _ = unsafe unlink(note) }
        guard unsafe symlink(path, note) == 0 else {
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

    private static func target(of note: String) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let length = unsafe readlink(note, &buffer, buffer.count - 1)
        guard length > 0, buffer[0] == CChar(bitPattern: UInt8(ascii: "/")) else { return nil }
        return String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
