internal import Glibc

/// Directories with all that is in them.
package enum FileTree {
    /// `O_PATH`, which Swift does not import: one number on all processors but Alpha, PA-RISC and SPARC.
    private static let pathOnly: Int32 = 0o10_000_000

    /// Removes what is at `path`, and everything below it, however deep, with a handful of descriptors. Goes through no link: what is
    /// removed may belong to another user, who could put a link in the place of a directory at any moment. Directories that their
    /// owner may not read or change, like those of Go's modules, are made changeable first.
    ///
    /// - Returns: the error number of what could not be removed; 0 when nothing is left.
    @discardableResult
    package static func remove(_ path: String) -> Int32 {
        let number = unlink(path, in: AT_FDCWD)
        guard mayBeOfDirectory(number) else { return number }
        let top = directory(path, in: AT_FDCWD)
        guard top >= 0 else { return errno == ENOENT ? 0 : errno }
        defer { close(top) }
        return removeDirectory(path, in: AT_FDCWD, after: empty(top))
    }

    /// Removes a directory with the directories in it, as far as they are empty. Goes through no link.
    package static func removeEmpty(_ path: String) {
        let top = directory(path, in: AT_FDCWD)
        guard top >= 0 else { return }
        defer { close(top) }
        for name in names(in: top) { _ = removeDirectory(name, in: top) }
        _ = removeDirectory(path, in: AT_FDCWD)
    }

    /// The names of what is in a directory; none when it is none, or cannot be read.
    package static func names(in directory: String) -> [String] {
        let descriptor = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        return names(in: descriptor)
    }

    /// Directories below those at the top are moved up to it. So nothing has to be open or found again on the way back, neither by a path
    /// without end nor by `..`, which whoever owns the tree could make lead elsewhere.
    private static func empty(_ top: Int32) -> Int32 {
        var problem: Int32 = 0
        var waiting = names(in: top)
        while let name = waiting.popLast() {
            var number = unlink(name, in: top)
            if mayBeOfDirectory(number) { number = flatten(name, in: top, onto: &waiting) }
            if number != 0 { problem = number }
        }
        return problem
    }

    private static func flatten(_ name: String, in top: Int32, onto waiting: inout [String]) -> Int32 {
        let directory = directory(name, in: top)
        guard directory >= 0 else { return errno == ENOENT ? 0 : errno }
        defer { close(directory) }
        var problem: Int32 = 0
        for inner in names(in: directory) {
            var number = unlink(inner, in: directory)
            if mayBeOfDirectory(number) {
                let moved = "\(String(UInt64.random(in: .min ... .max), radix: 36)).removed"
                number = move(inner, from: directory, to: top, as: moved)
                if number == 0 { waiting.append(moved) }
            }
            if number != 0 { problem = number }
        }
        return removeDirectory(name, in: top, after: problem)
    }

    private static func move(_ name: String, from parent: Int32, to top: Int32, as moved: String) -> Int32 {
        if unsafe renameat(parent, name, top, moved) == 0 { return 0 }
        guard errno == EACCES else { return errno }
        // Its `..` is a change of the directory itself.
        let changeable = directory(name, in: parent)
        guard changeable >= 0 else { return errno }
        close(changeable)
        return unsafe renameat(parent, name, top, moved) == 0 ? 0 : errno
    }

    private static func unlink(_ name: String, in parent: Int32) -> Int32 {
        unsafe unlinkat(parent, name, 0) == 0 || errno == ENOENT ? 0 : errno
    }

    private static func mayBeOfDirectory(_ number: Int32) -> Bool { number == EISDIR || number == EPERM }

    private static func removeDirectory(_ name: String, in parent: Int32, after problem: Int32 = 0) -> Int32 {
        if unsafe unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT { return 0 }
        return problem == 0 ? errno : problem
    }

    /// Opens a directory, and lets its owner read and change it. Negative, with `errno`, when it is none or cannot be opened.
    private static func directory(_ name: String, in parent: Int32) -> Int32 {
        let place = unsafe openat(parent, name, pathOnly | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard place >= 0 else { return place }
        defer {
            let number = errno
            close(place)
            errno = number
        }
        var status = stat()
        if unsafe fstat(place, &status) == 0, status.st_mode & 0o700 != 0o700 {
            // Only this way leads to what was opened, whatever is in its place by now.
            _ = unsafe chmod("/proc/self/fd/\(place)", 0o700)
        }
        return unsafe openat(place, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }

    private static func names(in directory: Int32) -> [String] {
        let descriptor = fcntl(directory, F_DUPFD_CLOEXEC, 0)
        guard descriptor >= 0 else { return [] }
        guard let listing = unsafe fdopendir(descriptor) else {
            close(descriptor)
            return []
        }
        defer { unsafe closedir(listing) }
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
