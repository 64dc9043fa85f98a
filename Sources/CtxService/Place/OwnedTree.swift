internal import Glibc

/// Deletes a directory that somebody else may have changed meanwhile.
///
/// An operation's user owns the directory of its `ctx`, and may have put a link in the place of anything there. What is
/// deleted by path could then be a file of the system; so each directory is opened without following links, and its
/// entries are deleted relative to it.
enum OwnedTree {
    /// Directories deeper than this stay.
    private static let deepest = 64

    /// What cannot be deleted stays.
    static func remove(_ path: String) { remove(path, in: AT_FDCWD, depth: 0) }

    /// The names of what is in a directory; empty when it is none.
    static func entries(of path: String) -> [String] {
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        return entries(of: descriptor)
    }

    private static func remove(_ name: String, in directory: Int32, depth: Int) {
        let descriptor = unsafe openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        if descriptor >= 0 {
            if depth < deepest {
                for entry in entries(of: descriptor) { remove(entry, in: descriptor, depth: depth + 1) }
            }
            close(descriptor)
            if unsafe unlinkat(directory, name, AT_REMOVEDIR) == 0 { return }
        }
        unsafe unlinkat(directory, name, 0)
    }

    private static func entries(of directory: Int32) -> [String] {
        // The stream takes its descriptor with it.
        let copy = dup(directory)
        guard copy >= 0, let stream = unsafe fdopendir(copy) else {
            if copy >= 0 { close(copy) }
            return []
        }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
