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

    /// The names of what is in a directory; none when it is none, or cannot be read.
    package static func names(in directory: String) -> [String] {
        let descriptor = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        return descriptor < 0 ? [] : unsafe withListing(of: descriptor) { unsafe names($0) } ?? []
    }

    private static func remove(_ name: String, in parent: Int32, depth: Int) -> Int32 {
        guard depth < deepest else { return ELOOP }
        if unsafe unlinkat(parent, name, 0) == 0 || errno == ENOENT { return 0 }
        guard errno == EISDIR || errno == EPERM else { return errno }
        let directory = unsafe openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard directory >= 0 else { return errno == ENOENT ? 0 : errno }
        let problem = unsafe withListing(of: directory) { listing in
            unsafe names(listing).map { remove($0, in: directory, depth: depth + 1) }.last { $0 != 0 } ?? 0
        }
        if unsafe unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT { return 0 }
        return problem.flatMap { $0 == 0 ? nil : $0 } ?? errno
    }

    /// Closes the directory, too. Nil when it cannot be read.
    private static func withListing<Result>(of directory: Int32, _ body: (OpaquePointer) -> Result) -> Result? {
        guard let listing = unsafe fdopendir(directory) else {
            close(directory)
            return nil
        }
        defer { unsafe closedir(listing) }
        return unsafe body(listing)
    }

    private static func names(_ listing: OpaquePointer) -> [String] {
        var names: [String] = []
        while let entry = unsafe readdir(listing) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
