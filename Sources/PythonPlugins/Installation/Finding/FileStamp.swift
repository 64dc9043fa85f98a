internal import Glibc

/// Which file there is at a path, and when it was changed last. Two stamps differ when anything was added to a directory or removed from it.
struct FileStamp: Sendable, Hashable {
    private let device: UInt
    private let inode: UInt
    private let seconds: Int
    private let nanoseconds: Int
    private let size: Int

    /// The stamp of what is at a path, or of nothing.
    init(_ path: String) {
        var status = stat()
        let isThere = unsafe stat(path, &status) == 0
        device = isThere ? UInt(status.st_dev) : 0
        inode = isThere ? UInt(status.st_ino) : 0
        seconds = isThere ? status.st_mtim.tv_sec : 0
        nanoseconds = isThere ? status.st_mtim.tv_nsec : 0
        size = isThere ? Int(status.st_size) : 0
    }
}
