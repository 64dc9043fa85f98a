internal import Glibc

/// Directories with all that is in them.
package enum FileTree {
    private static let deepest = 256

    /// Removes what is at `path`, and everything below it. Goes through no link: what is removed may belong to another user, who could
    /// put a link in the place of a directory at any moment.
    ///
    /// - Returns: the error number of what could not be removed; 0 when nothing is left.
    @discardableResult
    package static func remove(_ path: String) -> Int32 { remove(path, in: AT_FDCWD, depth: 0) }

    private static func remove(_ name: String, in parent: Int32, depth: Int) -> Int32 {
        guard depth < deepest else { return ELOOP }
        if unsafe unlinkat(parent, name, 0) == 0 || errno == ENOENT { return 0 }
        guard errno == EISDIR || errno == EPERM else { return errno }
        let directory = unsafe openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard directory >= 0 else { return errno == ENOENT ? 0 : errno }
        let problem = removeEntries(of: directory, depth: depth)
        if unsafe unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT { return 0 }
        return problem == 0 ? errno : problem
    }

    /// The names of what is in a directory; empty when it is none, or cannot be read.
    package static func names(in path: String) -> [String] {
        guard let listing = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(listing) }
        return unsafe names(in: listing)
    }

    private static func names(in listing: OpaquePointer) -> [String] {
        var names: [String] = []
        while let entry = unsafe readdir(listing) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Closes the directory, too.
    private static func removeEntries(of directory: Int32, depth: Int) -> Int32 {
        guard let listing = unsafe fdopendir(directory) else {
            defer { close(directory) }
            return errno
        }
        defer { unsafe closedir(listing) }
        var problem: Int32 = 0
        for name in unsafe names(in: listing) {
            let number = remove(name, in: directory, depth: depth + 1)
            if number != 0 { problem = number }
        }
        return problem
    }
}
